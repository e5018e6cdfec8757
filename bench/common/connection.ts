import { connect } from 'node:net';
import type { Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';

/** One connection that is kept open, without the cost of an HTTP client: one request after the other. */
export class Connection {
  #text = '';
  #answered: (text: string) => void = () => {};
  #failed: (error: Error) => void = () => {};

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('error', (error) => this.#failed(error));
    socket.on('close', () => this.#failed(new Error('the connection was closed before its answer')));
    socket.on('data', (chunk: string) => {
      this.#text += chunk;
      if (!isWhole(this.#text)) return;
      const text = this.#text;
      this.#text = '';
      this.#answered(text);
    });
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.off('error', reject);
        resolve(new Connection(socket));
      });
      socket.once('error', reject);
    });
  }

  /** @param request all of its bytes. @throws Error with the answer when it is any other than 200 */
  ask(request: string | Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#failed = reject;
      this.#answered = (text) => (text.startsWith('HTTP/1.1 200 ') ? resolve() : reject(new Error(text)));
      this.socket.write(request);
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

function isWhole(text: string): boolean {
  const end = text.indexOf(HEAD_END);
  if (end === -1) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1];
  return text.length - end - HEAD_END.length >= Number(length ?? Infinity);
}
