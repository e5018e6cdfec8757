import { readFileSync } from 'node:fs';
import { Connection } from '../common/connection.js';
import { signedRequest } from './signed-request.js';
import type { Order, Outcome } from './run-load.js';

// The client, in a process of its own: sends each event once, over so many connections, one request after the other on each.
const order: Order = JSON.parse(process.argv[2] ?? '');
process.stdout.write(`${JSON.stringify(await run(order))}\n`);

async function run({ port, path, secret, file, from, count, connections }: Order): Promise<Outcome> {
  const bodies: string[] = readFileSync(file, 'utf8')
    .split('\n')
    .slice(from, from + count)
    .map((line) => JSON.parse(line));
  const requests = bodies.map((body) => signedRequest(body, path, secret));
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
