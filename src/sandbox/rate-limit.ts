export type RateLimitMode = 'off' | 'sandbox' | 'live';
/** What was exceeded, as `Stripe-Rate-Limited-Reason` says it: https://docs.stripe.com/rate-limits */
export type RateLimitReason = 'global-rate' | 'endpoint-rate';

/** Requests per second: of the account, of each endpoint, and of all searches together. https://docs.stripe.com/rate-limits */
const LIMITS = { sandbox: { all: 25, endpoint: 25, search: 20 }, live: { all: 100, endpoint: 25, search: 20 } };
const SECOND = 1_000;

/** Counts the requests of the latest second of real time. */
export class RateLimit {
  readonly #times = new Map<string, number[]>();

  /** Why this request has to wait; null: it does not, and counts. `now` in milliseconds of any clock that only goes on. */
  exceeded(mode: RateLimitMode, method: string, path: string, now: number): RateLimitReason | null {
    if (mode === 'off') return null;
    const limits = LIMITS[mode];
    const search = path.endsWith('/search');
    const endpoint = search ? 'search' : `${method} ${path.split('/', 3).join('/')}`;
    const [all, own] = [this.#latest('all', now), this.#latest(endpoint, now)];
    if (own.length >= (search ? limits.search : limits.endpoint)) return 'endpoint-rate';
    if (all.length >= limits.all) return 'global-rate';
    all.push(now);
    own.push(now);
    return null;
  }

  #latest(name: string, now: number): number[] {
    const times = (this.#times.get(name) ?? []).filter((at) => at > now - SECOND);
    this.#times.set(name, times);
    return times;
  }
}
