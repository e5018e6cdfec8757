import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readEnv } from '../../config/env.js';
import { StripeApi } from '../../src/stripe/stripe-api.js';

export interface OddAnswer {
  status?: number;
  /** Text is sent as it is. */
  body: object | string;
  headers?: Record<string, string>;
  /** Without a Date header. */
  undated?: boolean;
}

/** A Stripe that answers whatever it is told, and remembers what it was asked. */
export async function startOddStripe() {
  const asked: Array<{ line: string; headers: IncomingHttpHeaders }> = [];
  const planned: OddAnswer[] = [];
  const server = createServer((request, response) => {
    asked.push({ line: `${request.method} ${request.url}`, headers: request.headers });
    const { status = 200, body, headers, undated } = planned.length > 1 ? planned.shift()! : planned[0]!;
    response.sendDate = !undated;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    request.resume().on('end', () => response.end(typeof body === 'string' ? body : JSON.stringify(body)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    /** Answers in this order, the last one from then on. */
    answers: (...answers: OddAnswer[]) => {
      asked.length = 0;
      planned.splice(0, planned.length, ...answers);
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function apiAt(url: string, mode: 'test' | 'live' = 'test'): StripeApi {
  const env = readEnv({ NODE_ENV: 'test', DATABASE_URL: 'postgres://127.0.0.1/unused' });
  return new StripeApi({
    ...env,
    database: { url: 'postgres://127.0.0.1/unused' },
    stripe: { ...env.stripe, mode, secretKey: `sk_${mode}_api`, sandboxUrl: url },
  });
}
