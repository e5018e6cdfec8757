import * as net from 'node:net';
import * as tls from 'node:tls';

type Answered = (status: number | null) => void;

/**
 * One connection to a webhook receiver, kept open between events. `http.request` costs more than all the rest of a
 * delivery, and nothing of it is needed but the status.
 */
export class Line {
  readonly #socket: net.Socket;
  #answered: Answered | undefined;
  /** What came of the head, or of a chunk, and is not whole yet. */
  #text = '';
  #status = 0;
  #body: 'to come' | 'chunks' | 'until it closes' | number = 'to come';
  open = true;

  constructor({ protocol, hostname, port }: URL) {
    const host = hostname.replace(/^\[(.*)\]$/, '$1');
    this.#socket =
      protocol === 'https:'
        ? tls.connect({ host, port: Number(port || 443), ...(net.isIP(host) === 0 && { servername: host }) })
        : net.connect({ host, port: Number(port || 80) });
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (bytes: Buffer) => this.#take(bytes));
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('end', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      this.open = false;
      // A body without a length ends with its connection: https://www.rfc-editor.org/rfc/rfc9112#section-6.3
      this.#answer(this.#body === 'until it closes' ? this.#status : null);
    });
  }

  /** One at a time. Null: it closed without an answer. */
  send(request: string): Promise<number | null> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      // With those that are ready at the same time, so that the receiver is woken once for all.
      setImmediate(() => this.#socket.write(request));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    if (this.#answered === undefined) this.close();
    else if (this.#body === 'to come') this.#takeHead(this.#text + bytes.toString('latin1'));
    else this.#takeBody(bytes.toString('latin1'));
  }

  #takeHead(text: string): void {
    this.#text = text;
    const end = text.indexOf('\r\n\r\n');
    if (end === -1) return;
    const [head, rest] = [text.slice(0, end), text.slice(end + 4)];
    this.#text = '';
    this.#status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
    // "100 Continue" and its like come before the answer: https://www.rfc-editor.org/rfc/rfc9110#section-15.2
    if (this.#status >= 100 && this.#status < 200) return this.#takeHead(rest);
    this.#body = bodyOf(this.#status, head);
    this.open &&= this.#body !== 'until it closes' && !/^HTTP\/1\.0|\r\nconnection: *close/i.test(head);
    this.#takeBody(rest);
  }

  #takeBody(text: string): void {
    if (typeof this.#body === 'number') this.#body -= text.length;
    else if (this.#body === 'chunks') this.#text = afterChunks(this.#text + text);
    const ended = this.#body === 0 || (this.#body === 'chunks' && LAST_CHUNK.test(this.#text));
    if (!ended) return;
    this.#text = '';
    this.#body = 'to come';
    this.#answer(this.#status);
    if (!this.open) this.close();
  }

  #answer(status: number | null): void {
    const answered = this.#answered;
    this.#answered = undefined;
    answered?.(status);
  }
}

/** https://www.rfc-editor.org/rfc/rfc9112#section-6.3 */
function bodyOf(status: number, head: string): 'chunks' | 'until it closes' | number {
  if (status === 204 || status === 304) return 0;
  if (/\r\ntransfer-encoding:.*chunked/i.test(head)) return 'chunks';
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  return length === undefined ? 'until it closes' : Number(length);
}

/** With what may follow it: https://www.rfc-editor.org/rfc/rfc9112#section-7.1 */
const LAST_CHUNK = /^0+(;[^\r\n]*)?\r\n([^\r\n]+\r\n)*\r\n$/;

/** What is left behind the chunks that came whole. */
function afterChunks(text: string): string {
  let at = 0;
  for (;;) {
    const line = text.indexOf('\r\n', at);
    const size = line === -1 ? 0 : Number.parseInt(text.slice(at, line), 16);
    const next = line + size + 4;
    if (!(size > 0) || next > text.length) return text.slice(at);
    at = next;
  }
}
