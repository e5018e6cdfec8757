import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { signed } from '../support/stripe-event.js';
import { Lot } from './lot.js';

/** What happens to deliveries on their way, as probabilities; all 0: nothing. */
export interface Turmoil {
  /** Never arrives, though Stripe takes it for delivered. */
  drop: number;
  /** Arrives up to four times at once. */
  duplicate: number;
  /** Is overtaken by others. */
  reorder: number;
  /** Arrives days later, when it is long known by other ways. */
  late: number;
  /** Arrives, but Stripe does not hear of it, and sends it again. */
  unreceipted: number;
}

export const CALM: Turmoil = { drop: 0, duplicate: 0, reorder: 0, late: 0, unreceipted: 0 };

const DAY = 86_400_000;
const LONGEST_DELAY_DAYS = 29;
const LONGEST_HOLD_MS = 150;
const NO_ANSWER = 502;

/** Stands between Stripe and the house: it passes events on, or not, and remembers which ones the house has acknowledged. */
export class Relay {
  turmoil = CALM;
  /** Every event that Stripe has sent. */
  readonly seen = new Set<string>();
  /** Real times at which the house acknowledged an event first. */
  readonly acknowledged = new Map<string, number>();
  /** How many deliveries have reached the house. */
  delivered = 0;
  private readonly late: Array<{ body: string; due: number }> = [];
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });
  private readonly server: Server;

  private constructor(
    private readonly target: string,
    private readonly secret: string,
    private readonly seed: number,
    private readonly now: () => number,
  ) {
    this.server = createServer((incoming, response) => {
      void text(incoming)
        .then((body) => this.pass(body, String(incoming.headers['stripe-signature'])))
        .then((status) => response.writeHead(status).end());
    });
  }

  /** @param target where the house takes events. @param now virtual, in milliseconds. */
  static async open(options: { target: string; secret: string; seed: number; now: () => number }): Promise<Relay> {
    const relay = new Relay(options.target, options.secret, options.seed, options.now);
    relay.server.listen(0, '127.0.0.1');
    await once(relay.server, 'listening');
    return relay;
  }

  get url(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/webhooks/stripe`;
  }

  /** Delivers what was held back until now. @param all also what was to come later still */
  async deliverLate(all = false): Promise<void> {
    const due = this.late.filter((held) => all || held.due <= this.now());
    for (const held of due) {
      this.late.splice(this.late.indexOf(held), 1);
      await this.post(held.body, String(signed(held.body, this.secret)['stripe-signature']));
    }
  }

  async close(): Promise<void> {
    this.agent.destroy();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** @returns the status for Stripe */
  private async pass(body: string, signature: string): Promise<number> {
    const id = idOf(body);
    const again = this.seen.has(id);
    this.seen.add(id);
    const { drop, duplicate, reorder, late, unreceipted } = this.turmoil;
    // By the event's id, not by the order in which events come; what Stripe sends again has had its bad luck.
    const lot = new Lot(this.seed, id);
    if (!again && lot.chance(drop)) return 200;
    if (!again && lot.chance(late)) {
      this.late.push({ body, due: this.now() + lot.between(0, LONGEST_DELAY_DAYS * DAY) });
      return 200;
    }
    if (lot.chance(reorder)) await wait(lot.between(0, LONGEST_HOLD_MS));
    const copies = lot.chance(duplicate) ? lot.whole(2, 4) : 1;
    const [status = NO_ANSWER] = await Promise.all(Array.from({ length: copies }, () => this.post(body, signature)));
    return !again && lot.chance(unreceipted) ? 500 : status;
  }

  private post(body: string, signature: string): Promise<number> {
    return new Promise((resolve) => {
      const outgoing = request(this.target, {
        method: 'POST',
        agent: this.agent,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-length': Buffer.byteLength(body),
          'stripe-signature': signature,
        },
      });
      outgoing.on('response', (response) => {
        const status = response.statusCode ?? NO_ANSWER;
        if (status >= 200 && status < 300) {
          this.delivered++;
          const id = idOf(body);
          if (!this.acknowledged.has(id)) this.acknowledged.set(id, Date.now());
        }
        response.resume();
        response.on('close', () => resolve(status));
      });
      outgoing.on('error', () => resolve(NO_ANSWER));
      outgoing.end(body);
    });
  }
}

function idOf(body: string): string {
  return /"id":"(evt_\w+)"/.exec(body)?.[1] ?? '(none)';
}
