import { createHmac } from 'node:crypto';
import * as http from 'node:http';
import * as https from 'node:https';

const TIMEOUT = 10_000;
export interface Receipt {
  outcome: 'delivered' | 'refused' | 'unreachable' | 'timeout';
  status: number | null;
  ms: number;
}

/** Posts events with their signatures over connections of its own. */
export class Postman {
  readonly #http = new http.Agent({ keepAlive: true, maxSockets: 64 });
  readonly #https = new https.Agent({ keepAlive: true, maxSockets: 64 });

  /**
   * The timestamp is the real time of this attempt, so a retry is signed anew:
   * https://docs.stripe.com/webhooks/signature. Any 2xx is a receipt; a redirect is neither followed nor a receipt.
   */
  post(url: string, body: string, secrets: string[]): Promise<Receipt> {
    const began = performance.now();
    return new Promise((resolve) => {
      const done = (outcome: Receipt['outcome'], status: number | null) =>
        resolve({ outcome, status, ms: Math.round(performance.now() - began) });
      const request = this.#open(url, headersOf(body, secrets), (response) => {
        const status = response.statusCode ?? 0;
        response.resume();
        response.once('end', () => done(status >= 200 && status < 300 ? 'delivered' : 'refused', status));
        response.once('error', () => done('unreachable', status));
      });
      // The whole exchange, not only the silence between two bytes, has to end in time.
      const deadline = setTimeout(() => {
        done('timeout', null);
        request.destroy();
      }, TIMEOUT);
      request.once('close', () => clearTimeout(deadline));
      request.once('error', () => done('unreachable', null));
      request.end(body);
    });
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }

  #open(
    url: string,
    headers: http.OutgoingHttpHeaders,
    answered: (response: http.IncomingMessage) => void,
  ): http.ClientRequest {
    const options = { method: 'POST', headers };
    return url.startsWith('https:')
      ? https.request(url, { ...options, agent: this.#https }, answered)
      : http.request(url, { ...options, agent: this.#http }, answered);
  }
}

/** One signature for each secret that is valid now. */
export function signature(body: string, secrets: string[], seconds: number): string {
  const sign = (secret: string) => `v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
  return [`t=${seconds}`, ...secrets.map(sign)].join(',');
}

function headersOf(body: string, secrets: string[]): http.OutgoingHttpHeaders {
  return {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    'stripe-signature': signature(body, secrets, Math.floor(Date.now() / 1000)),
  };
}
