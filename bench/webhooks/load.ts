import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Connection } from '../common/connection.js';
import type { Order, Outcome } from './run-load.js';

// The client, in a process of its own: sends each event once, over so many connections, one request after the other on each.
const order: Order = JSON.parse(process.argv[2] ?? '');
process.stdout.write(`${JSON.stringify(await run(order))}\n`);

async function run({ port, path, secret, file, from, count, connections }: Order): Promise<Outcome> {
  const bodies: string[] = readFileSync(file, 'utf8')
    .split('\n')
    .slice(from, from + count)
    .map((line) => JSON.parse(line));
  const timestamp = Math.floor(Date.now() / 1000);
  const requests = bodies.map((body) => requestOf(body, path, secret, timestamp));
  const latencies = new Float64Array(count);
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(port)));
  const began = performance.now();
  let next = 0;
  await Promise.all(
    open.map(async (connection) => {
      for (let index = next++; index < count; index = next++) {
        const sent = performance.now();
        await connection.ask(requests[index] ?? '');
        latencies[index] = performance.now() - sent;
      }
    }),
  );
  const ended = performance.now();
  for (const connection of open) connection.close();
  latencies.sort();
  const percentile = (part: number) => latencies[Math.min(count - 1, Math.floor(count * part))] ?? 0;
  return {
    began_at: performance.timeOrigin + began,
    seconds: (ended - began) / 1000,
    p50_ms: percentile(0.5),
    p99_ms: percentile(0.99),
  };
}

function requestOf(body: string, path: string, secret: string, timestamp: number): Buffer {
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    'Accept: */*; q=0.5, application/xml',
    'Content-Type: application/json; charset=utf-8',
    `Stripe-Signature: t=${timestamp},v1=${signature}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
