import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

const MB = 1024 * 1024;
const CHUNK = Buffer.alloc(64 * 1024, 'x');

/** A connection to the webhooks' door that has sent the head of a request. */
export async function knock(url: string, ...headers: string[]): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // The server ends it while this end still writes.
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(
    ['POST /webhooks/stripe HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...headers].join('\r\n'),
  );
  return socket;
}

/** Sends 10 MB for as long as somebody listens. @returns what was answered */
export async function flood(socket: Socket, frame: (chunk: Buffer) => Buffer): Promise<string> {
  const answer: string[] = [];
  socket.setEncoding('utf8').on('data', (text: string) => answer.push(text));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (let sent = 0; sent < 10 * MB && socket.writable && answer.length === 0; sent += CHUNK.length) {
    if (!socket.write(frame(CHUNK))) await Promise.race([once(socket, 'drain').catch(() => {}), closed]);
  }
  socket.end();
  await closed;
  return answer.join('').split('\r\n', 1)[0] ?? '';
}
