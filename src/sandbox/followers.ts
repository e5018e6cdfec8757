import type { Clock, ClockFace } from './clock.js';

const LONG_POLL = 20_000;
const PATIENCE = 30_000;
const GRACE_AFTER_CLOSE = 2_000;

export interface FollowCall {
  follower: string;
  settled_step: number | null;
  next_due: string | null;
}
interface Follower {
  name: string;
  settled: number;
  /** The next moment at which it has something to do, in milliseconds. */
  nextDue: number | null;
  answer: ((face: ClockFace) => void) | undefined;
  poll: NodeJS.Timeout | undefined;
  gone: NodeJS.Timeout | undefined;
  /** The connection of its latest call. */
  line: object | null;
}

/**
 * Those who live in the sandbox's time. Each keeps one call open; a barrier answers it with the new step, and holds the
 * clock until the follower calls again to say that all it had to do at that moment is done.
 */
export class Followers {
  readonly #known = new Map<string, Follower>();
  #wake: (() => void) | undefined;

  constructor(
    readonly clock: Clock,
    readonly log: (line: object) => void,
  ) {}

  /** Answered as soon as there is a step that the follower has not settled, else after 20 s with the same step. */
  follow(call: FollowCall, line: object): Promise<ClockFace> {
    const follower = this.#follower(call.follower, line);
    clearTimeout(follower.gone);
    follower.line = line;
    follower.settled = call.settled_step ?? this.clock.step;
    follower.nextDue = call.next_due === null ? null : Date.parse(call.next_due);
    this.#answer(follower);
    this.#wake?.();
    if (call.settled_step === null || call.settled_step < this.clock.step) return Promise.resolve(this.clock.face());
    return new Promise((resolve) => {
      follower.answer = resolve;
      follower.poll = setTimeout(() => this.#answer(follower), LONG_POLL).unref();
    });
  }

  /** The connection of a latest call closed: whoever called has 2 s to come back. */
  lineClosed(line: object): void {
    for (const follower of this.#known.values()) {
      if (follower.line !== line) continue;
      this.#answer(follower);
      follower.gone = setTimeout(() => this.#drop(follower, 'its connection closed'), GRACE_AFTER_CLOSE).unref();
    }
  }

  /** Its connection is closed by intention. */
  release(name: string): void {
    const follower = this.#known.get(name);
    if (follower !== undefined) follower.line = null;
  }

  /** The earliest moment at which any follower has something to do. */
  nextDue(): number | undefined {
    const all = [...this.#known.values()].flatMap(({ nextDue }) => (nextDue === null ? [] : [nextDue]));
    return all.length === 0 ? undefined : Math.min(...all);
  }

  /** A new step, told to all; resolved when every follower has settled it or was dropped. */
  async barrier(): Promise<void> {
    this.clock.step += 1;
    this.clock.save();
    for (const follower of this.#known.values()) this.#answer(follower);
    const impatience = setTimeout(() => this.#dropUnsettled(), PATIENCE);
    while (this.#unsettled().length > 0)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    clearTimeout(impatience);
  }

  names(): string[] {
    return [...this.#known.keys()];
  }

  close(): void {
    for (const follower of this.#known.values()) {
      clearTimeout(follower.gone);
      this.#answer(follower);
    }
    this.#known.clear();
    this.#wake?.();
  }

  #follower(name: string, line: object): Follower {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const follower: Follower = {
      name,
      settled: this.clock.step,
      nextDue: null,
      answer: undefined,
      poll: undefined,
      gone: undefined,
      line,
    };
    this.#known.set(name, follower);
    this.log({ msg: 'clock follower joined', follower: name });
    return follower;
  }

  #answer(follower: Follower): void {
    clearTimeout(follower.poll);
    const answer = follower.answer;
    follower.answer = undefined;
    answer?.(this.clock.face());
  }

  #unsettled(): Follower[] {
    return [...this.#known.values()].filter((follower) => follower.settled < this.clock.step);
  }

  #dropUnsettled(): void {
    for (const follower of this.#unsettled()) this.#drop(follower, `it did not settle within ${PATIENCE / 1000} s`);
  }

  #drop(follower: Follower, why: string): void {
    this.#answer(follower);
    this.#known.delete(follower.name);
    this.log({ msg: 'clock follower dropped', follower: follower.name, why });
    this.#wake?.();
  }
}
