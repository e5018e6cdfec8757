import { Connection } from '../common/connection.js';

const CONNECTIONS = 16;

/** Posts the same form over and over, one request after the other on each connection; answers requests per second. */
export async function hammer(port: number, form: string, seconds: number): Promise<number> {
  const request = requestOf(form);
  await hammerAll(port, request, performance.now() + 1_000);
  const began = performance.now();
  const done = await hammerAll(port, request, began + seconds * 1_000);
  return done / ((performance.now() - began) / 1_000);
}

async function hammerAll(port: number, request: string, until: number): Promise<number> {
  const done = await Promise.all(Array.from({ length: CONNECTIONS }, () => hammerOne(port, request, until)));
  return done.reduce((sum, count) => sum + count, 0);
}

/** One connection, kept open until this moment; answers how many requests were answered well. */
async function hammerOne(port: number, request: string, until: number): Promise<number> {
  const connection = await Connection.open(port);
  let done = 0;
  while (performance.now() < until) {
    await connection.ask(request);
    done += 1;
  }
  connection.close();
  return done;
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
