import { createHmac } from 'node:crypto';
import { Line } from './line.js';

const TIMEOUT = 10_000;
export interface Receipt {
  outcome: 'delivered' | 'refused' | 'unreachable' | 'timeout';
  status: number | null;
  ms: number;
}

/** Posts events with their signatures over connections of its own. */
export class Postman {
  /** By where they lead. */
  readonly #idle = new Map<string, Line[]>();
  readonly #busy = new Set<Line>();

  /**
   * The timestamp is the real time of this attempt, so a retry is signed anew:
   * https://docs.stripe.com/webhooks/signature. Any 2xx is a receipt; a redirect is neither followed nor a receipt.
   */
  async post(address: string, body: string, secrets: string[]): Promise<Receipt> {
    const began = performance.now();
    const url = new URL(address);
    const line = this.#lineTo(url);
    this.#busy.add(line);
    let late = false;
    // The whole exchange, not only the silence between two bytes, has to end in time.
    const deadline = setTimeout(() => {
      late = true;
      line.close();
    }, TIMEOUT);
    const status = await line.send(`${headOf(url, body, secrets)}${body}`);
    clearTimeout(deadline);
    this.#busy.delete(line);
    if (line.open) this.#linesTo(url).push(line);
    return { outcome: late ? 'timeout' : outcomeOf(status), status, ms: Math.round(performance.now() - began) };
  }

  close(): void {
    for (const line of [...this.#busy, ...[...this.#idle.values()].flat()]) line.close();
  }

  /** The one that was used last, so that those that are not needed are closed by the receiver in time. */
  #lineTo(url: URL): Line {
    const lines = this.#linesTo(url);
    for (let line = lines.pop(); line !== undefined; line = lines.pop()) if (line.open) return line;
    return new Line(url);
  }

  #linesTo({ origin }: URL): Line[] {
    const lines = this.#idle.get(origin) ?? [];
    this.#idle.set(origin, lines);
    return lines;
  }
}

/** One signature for each secret that is valid now. */
export function signature(body: string, secrets: string[], seconds: number): string {
  const sign = (secret: string) => `v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
  return [`t=${seconds}`, ...secrets.map(sign)].join(',');
}

function outcomeOf(status: number | null): Receipt['outcome'] {
  if (status === null) return 'unreachable';
  return status >= 200 && status < 300 ? 'delivered' : 'refused';
}

function headOf(url: URL, body: string, secrets: string[]): string {
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return [
    `POST ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    `Stripe-Signature: ${signature(body, secrets, Math.floor(Date.now() / 1000))}`,
    ...(user === ':' ? [] : [`Authorization: Basic ${Buffer.from(user).toString('base64')}`]),
    '',
    '',
  ].join('\r\n');
}
