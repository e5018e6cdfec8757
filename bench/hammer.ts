import { connect } from 'node:net';

const CONNECTIONS = 16;
const HEAD_END = '\r\n\r\n';

/** Posts the same form over and over, one request after the other on each connection; answers requests per second. */
export async function hammer(port: number, form: string, seconds: number): Promise<number> {
  const request = requestOf(form);
  await Promise.all(Array.from({ length: CONNECTIONS }, () => hammerOne(port, request, performance.now() + 1_000)));
  const began = performance.now();
  const until = began + seconds * 1_000;
  const done = await Promise.all(Array.from({ length: CONNECTIONS }, () => hammerOne(port, request, until)));
  return done.reduce((sum, count) => sum + count, 0) / ((performance.now() - began) / 1_000);
}

/** One connection, kept open until this moment; answers how many requests were answered well. */
function hammerOne(port: number, request: string, until: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let done = 0;
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('error', reject);
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (!isWhole(text)) return;
      if (!text.startsWith('HTTP/1.1 200 ')) return reject(new Error(text));
      text = '';
      done += 1;
      if (performance.now() < until) socket.write(request);
      else socket.end(() => resolve(done));
    });
  });
}

function isWhole(text: string): boolean {
  const end = text.indexOf(HEAD_END);
  if (end === -1) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1];
  return text.length - end - HEAD_END.length >= Number(length ?? Infinity);
}

function requestOf(form: string): string {
  return [
    'POST /v1/customers HTTP/1.1',
    'Host: 127.0.0.1',
    'Authorization: Bearer sk_test_bench',
    'Content-Type: application/x-www-form-urlencoded',
    `Content-Length: ${form.length}`,
    '',
    form,
  ].join('\r\n');
}
