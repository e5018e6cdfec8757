export type Priority = 'user' | 'background';

/** How much of a second's budget may go at once: no second holds more than 1.25 times the budget, which Stripe still takes. */
const BURST = 0.25;
/** What background work may use of that, so that a user's request always finds room. */
const BACKGROUND_SHARE = 0.6;

interface Waiting {
  resolve: () => void;
}

/**
 * A token bucket of requests per second in which users go before background work.
 * Stripe allows 100/s in live mode and 25/s in a sandbox: https://docs.stripe.com/rate-limits
 */
export class RateBudget {
  private readonly most: number;
  private tokens: number;
  private refilledAt: number;
  private timer: NodeJS.Timeout | undefined;
  private readonly waiting: Record<Priority, Waiting[]> = { user: [], background: [] };

  /** @param perSecond at least 10; Infinity: no limit (the local sandbox). @param now machine time in ms, for tests. */
  constructor(
    private readonly perSecond: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.most = perSecond * BURST;
    this.tokens = this.most;
    this.refilledAt = this.now();
  }

  take(priority: Priority): Promise<void> {
    if (this.perSecond === Infinity) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting[priority].push({ resolve });
      this.serve();
    });
  }

  /** How many requests wait for their turn. */
  get queued(): number {
    return this.waiting.user.length + this.waiting.background.length;
  }

  private serve(): void {
    this.refill();
    while (this.waiting.user.length > 0 && this.tokens >= 1) this.release('user');
    const reserve = this.most * (1 - BACKGROUND_SHARE);
    while (this.waiting.background.length > 0 && this.tokens >= 1 + reserve) this.release('background');
    if (this.queued > 0 && this.timer === undefined) {
      this.timer = setTimeout(() => {
        this.timer = undefined;
        this.serve();
      }, 1000 / this.perSecond);
    }
  }

  private release(priority: Priority): void {
    this.tokens -= 1;
    this.waiting[priority].shift()?.resolve();
  }

  private refill(): void {
    const now = this.now();
    this.tokens = Math.min(this.most, this.tokens + ((now - this.refilledAt) / 1000) * this.perSecond);
    this.refilledAt = now;
  }
}
