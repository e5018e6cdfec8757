import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { parentPort } from 'node:worker_threads';
import type { Letter, Posted, Receipt } from './postman.js';

const TIMEOUT = 10_000;
const CONNECTIONS = { keepAlive: true, maxSockets: 32 };
const agents = { http: new http.Agent(CONNECTIONS), https: new https.Agent(CONNECTIONS) };
let posted: Posted[] = [];

parentPort?.on('message', (letters: Letter[]) => {
  for (const letter of letters) void post(letter).then((receipt) => report({ id: letter.id, receipt }));
});

function report(one: Posted): void {
  if (posted.push(one) > 1) return;
  setImmediate(() => {
    parentPort?.postMessage(posted);
    posted = [];
  });
}

function post(letter: Letter): Promise<Receipt> {
  return new Promise((resolve) => {
    let [began, late] = [performance.now(), false];
    let deadline: NodeJS.Timeout | undefined;
    const end = (status: number | null) => {
      clearTimeout(deadline);
      resolve({ outcome: late ? 'timeout' : outcomeOf(status), status, ms: Math.round(performance.now() - began) });
    };
    const request = requestOf(letter, (response) => {
      response.on('end', () => end(response.statusCode ?? null)).on('error', () => end(null));
      response.resume();
    });
    request.on('socket', () => {
      began = performance.now();
      // The whole exchange, not only the silence between two bytes, has to end in time.
      deadline = setTimeout(() => {
        late = true;
        request.destroy();
      }, TIMEOUT);
    });
    request.on('error', () => {
      // The receiver may close an idle connection just when it is used again: https://nodejs.org/api/http.html#requestreusedsocket
      if (!request.reusedSocket || late) return end(null);
      clearTimeout(deadline);
      resolve(post(letter));
    });
    request.end(letter.body);
  });
}

/** Any 2xx is a receipt; a redirect is neither followed nor a receipt. */
function outcomeOf(status: number | null): Receipt['outcome'] {
  if (status === null) return 'unreachable';
  return status >= 200 && status < 300 ? 'delivered' : 'refused';
}

function requestOf({ url, body, secrets }: Letter, answered: (response: http.IncomingMessage) => void) {
  const secure = url.startsWith('https:');
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    'stripe-signature': signature(body, secrets),
  };
  const options = { method: 'POST', agent: secure ? agents.https : agents.http, headers };
  return (secure ? https : http).request(new URL(url), options, answered);
}

/**
 * One signature for each secret, of the real time of this attempt, so that a retry is signed anew:
 * https://docs.stripe.com/webhooks/signature
 */
function signature(body: string, secrets: string[]): string {
  const seconds = Math.floor(Date.now() / 1000);
  const sign = (secret: string) => `v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
  return [`t=${seconds}`, ...secrets.map(sign)].join(',');
}
