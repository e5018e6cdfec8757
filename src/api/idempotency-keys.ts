import { createHash, randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { Transactions } from '../database/transactions.js';
import { failpoint } from '../failpoints/failpoint.js';
import { IdempotencyKeyInUse, IdempotencyKeyReused } from './api.errors.js';
import type { AnswerSeal } from './answer-seal.js';

/** A claim whose owner died is free after this long; a living owner renews it well before. */
const CLAIM_SECONDS = 60;
const RENEW_MS = 20_000;
/** As long as Stripe keeps its own at least. https://docs.stripe.com/api/idempotent_requests */
const KEPT_HOURS = 24;

export interface IdempotentRequest {
  api_key: string;
  key: string;
  fingerprint: string;
}

export interface Claim extends IdempotentRequest {
  owner: string;
  seal: AnswerSeal;
  renewal: NodeJS.Timeout;
  /** Whether the answer stands for good, unless it is a 5xx. */
  keep: boolean;
}

export interface Answer {
  status: number;
  contentType: string | null;
  body: string;
}

/** Thrown in place of handling a request again; `ProblemFilter` sends it as it is. */
export class StoredAnswer extends Error implements Answer {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: string;
  constructor(answer: Answer) {
    super('This request was answered before.');
    this.status = answer.status;
    this.contentType = answer.contentType;
    this.body = answer.body;
  }
}

export function fingerprintOf(method: string, url: string, body: unknown): string {
  return createHash('sha256')
    .update(`${method}\n${url}\n${JSON.stringify(body ?? null)}`)
    .digest('hex');
}

/** When their owners are known to be dead; the same request is then worked on again. */
export async function freeIdempotencyKeys(em: EntityManager): Promise<void> {
  await sql`delete from idempotency_keys where state = 'started'`.execute(em.getKysely());
}

@Injectable()
export class IdempotencyKeys {
  private readonly logger = new Logger(IdempotencyKeys.name);

  constructor(private readonly transactions: Transactions) {}

  /**
   * Claims the key for this request; committed when it resolves.
   * @throws StoredAnswer when the request was answered before
   * @throws IdempotencyKeyReused when the key stands for another request
   * @throws IdempotencyKeyInUse while another holds it
   */
  async claim(request: IdempotentRequest, seal: AnswerSeal): Promise<Claim> {
    const owner = randomUUID();
    // The row may vanish between the two statements, when its owner lets go of it: then the key is free.
    for (;;) {
      if (await this.insert(request, owner)) {
        failpoint('request.claimed');
        return this.held(request, owner, seal);
      }
      const row = await this.read(request);
      if (row === undefined) continue;
      if (row.fingerprint !== request.fingerprint) throw new IdempotencyKeyReused();
      if (row.state === 'started' || row.status === null || row.body === null) throw new IdempotencyKeyInUse();
      throw new StoredAnswer({ status: row.status, contentType: row.content_type, body: seal.open(row.body) });
    }
  }

  /**
   * Keeps the answer, or lets go of the key so that a retry is worked on again. Kept is, as with Stripe, whatever an
   * endpoint that had begun answered, 4xx included: a declined card stays declined for this key. Not kept are input that
   * was refused before anything began, a passing conflict (409) or limit (429), which ask for the same request once more,
   * and 5xx (unlike Stripe: a failure of ours must not stand in the way of the retry that mends it).
   * https://docs.stripe.com/api/idempotent_requests
   */
  async settle(claim: Claim, answer: Answer): Promise<void> {
    clearInterval(claim.renewal);
    failpoint('request.done');
    const keep = claim.keep && answer.status < 500;
    try {
      await (keep ? this.keep(claim, answer) : this.release(claim));
      failpoint('request.kept');
    } catch (error) {
      // What the request did is done, and its answer is true: it goes out. A retry finds the key in use, then free.
      this.logger.error(error);
    }
  }

  /** Forgets keys that are older than a day. @returns how many */
  async prune(): Promise<number> {
    const result = await sql`
      delete from idempotency_keys where created_at < now() - make_interval(hours => ${KEPT_HOURS})`.execute(this.db());
    return Number(result.numAffectedRows ?? 0);
  }

  /** One statement, so that of many requests with one key one alone gets it. */
  private async insert({ api_key, key, fingerprint }: IdempotentRequest, owner: string): Promise<boolean> {
    const { rows } = await sql`
      insert into idempotency_keys as held (api_key, key, fingerprint, state, owner, claimed_at, created_at)
      values (${api_key}, ${key}, ${fingerprint}, 'started', ${owner}, now(), now())
      on conflict (api_key, key) do update
        set fingerprint = excluded.fingerprint, state = 'started', owner = excluded.owner, claimed_at = now(),
            status = null, content_type = null, body = null, created_at = now()
        where held.created_at < now() - make_interval(hours => ${KEPT_HOURS})
          or (held.state = 'started' and held.fingerprint = excluded.fingerprint
              and held.claimed_at < now() - make_interval(secs => ${CLAIM_SECONDS}))
      returning owner`.execute(this.db());
    return rows.length === 1;
  }

  private held(request: IdempotentRequest, owner: string, seal: AnswerSeal): Claim {
    const renewal = setInterval(() => void this.renew(claim), RENEW_MS).unref();
    const claim: Claim = { ...request, owner, seal, renewal, keep: true };
    return claim;
  }

  private async renew({ api_key, key, owner }: Claim): Promise<void> {
    try {
      await sql`
        update idempotency_keys set claimed_at = now()
        where api_key = ${api_key} and key = ${key} and owner = ${owner}`.execute(this.db());
    } catch (error) {
      this.logger.warn(error);
    }
  }

  private async read({ api_key, key }: IdempotentRequest) {
    const { rows } = await sql<{
      fingerprint: string;
      state: 'started' | 'done';
      status: number | null;
      content_type: string | null;
      body: Buffer | null;
    }>`
      select fingerprint, state, status, content_type, body from idempotency_keys
      where api_key = ${api_key} and key = ${key}`.execute(this.db());
    return rows[0];
  }

  private async keep({ api_key, key, owner, seal }: Claim, { status, contentType, body }: Answer): Promise<void> {
    await sql`
      update idempotency_keys
      set state = 'done', status = ${status}, content_type = ${contentType}, body = ${seal.close(body)}
      where api_key = ${api_key} and key = ${key} and owner = ${owner}`.execute(this.db());
  }

  private async release({ api_key, key, owner }: Claim): Promise<void> {
    await sql`
      delete from idempotency_keys where api_key = ${api_key} and key = ${key} and owner = ${owner}`.execute(this.db());
  }

  private db() {
    return this.transactions.reader().getKysely();
  }
}
