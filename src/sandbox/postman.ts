import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

export interface Receipt {
  outcome: 'delivered' | 'refused' | 'unreachable' | 'timeout';
  status: number | null;
  ms: number;
}

export interface Letter {
  id: number;
  url: string;
  body: string;
  /** All that are valid now. */
  secrets: string[];
}

export interface Posted {
  id: number;
  receipt: Receipt;
}

/** Node runs it as it is, so it is there from the sources too. */
const ROUND = new URL(`postman.worker${extname(import.meta.url)}`, import.meta.url);

/** Letters are short-lived, and there are never many; left alone, Node lets them pile up. */
const MEMORY = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 128 };

/** Posts events on a thread of its own: signing and sending cost as much as making the events. */
export class Postman {
  #round: Worker | undefined;
  #outbox: Letter[] = [];
  #posted = 0;
  readonly #waiting = new Map<number, (receipt: Receipt) => void>();

  post(url: string, body: string, secrets: string[]): Promise<Receipt> {
    return new Promise((resolve) => {
      this.#posted += 1;
      this.#waiting.set(this.#posted, resolve);
      // One message for all that are ready at the same time.
      if (this.#outbox.push({ id: this.#posted, url, body, secrets }) === 1) setImmediate(() => this.#send());
    });
  }

  close(): void {
    this.#outbox = [];
    void this.#round?.terminate();
  }

  #send(): void {
    if (this.#outbox.length === 0) return;
    this.#round ??= this.#begin();
    this.#round.postMessage(this.#outbox);
    this.#outbox = [];
  }

  #begin(): Worker {
    const round = new Worker(ROUND, { resourceLimits: MEMORY });
    round.unref();
    return round.on('message', (posted: Posted[]) => {
      for (const { id, receipt } of posted) {
        this.#waiting.get(id)?.(receipt);
        this.#waiting.delete(id);
      }
    });
  }
}
