import { hammer } from './hammer.js';
import { median } from '../common/median.js';
import { Measured, startSandbox } from '../common/measured.js';

/** In turns, so that whatever else the machine does strikes all alike; the middle one of each counts. */
const ROUNDS = 7;
const SECONDS = 1;
const FORM = 'email=ada@example.com&name=Ada%20Lovelace&metadata[team]=a';

export interface Throughput {
  /** Requests per second. */
  sandbox: number;
  sandbox_with_state_file: number;
  bare_fastify: number;
}

/** Customers made over 16 connections, next to a bare Fastify that answers the same bytes. */
export async function throughput(stateFile: string): Promise<Throughput> {
  const sandbox = await startSandbox(['--ephemeral']);
  const answer = await fetch(`http://127.0.0.1:${sandbox.port}/v1/customers`, {
    method: 'POST',
    body: FORM,
    headers: { authorization: 'Bearer sk_test_bench', 'content-type': 'application/x-www-form-urlencoded' },
  });
  const headers = [...answer.headers].filter(
    ([name]) => !['connection', 'content-length', 'keep-alive'].includes(name),
  );
  const body = await answer.text();
  const bare = await Measured.start('../sandbox/bare.js', {
    args: [body, JSON.stringify(Object.fromEntries(headers))],
  });
  const kept = await startSandbox(['--state', stateFile]);
  const rates: Throughput[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    rates.push({
      sandbox: await hammer(sandbox.port, FORM, SECONDS),
      sandbox_with_state_file: await hammer(kept.port, FORM, SECONDS),
      bare_fastify: await hammer(bare.port, FORM, SECONDS),
    });
  await Promise.all([sandbox.stop(), bare.stop(), kept.stop()]);
  return {
    sandbox: median(rates.map((rate) => rate.sandbox)),
    sandbox_with_state_file: median(rates.map((rate) => rate.sandbox_with_state_file)),
    bare_fastify: median(rates.map((rate) => rate.bare_fastify)),
  };
}
