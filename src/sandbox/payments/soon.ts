import type { Context } from '../context.js';

const NOW = 'now:';
/** "About three minutes": https://docs.stripe.com/testing#non-card-payments */
export const LATER = 180;

/**
 * Something that follows a payment right after its answer, or, with `delay` seconds, by the clock that the target belongs
 * to. What follows at once does not wait for a test clock to be turned.
 */
export function follow(context: Context, kind: string, target: string, delay = 0): void {
  if (delay === 0) context.schedule.set(kind, `${NOW}${target}`, context.wire);
  else context.schedule.set(kind, target, context.now + delay);
}

export function unfollow(context: Context, kind: string, target: string): void {
  context.schedule.clear(kind, `${NOW}${target}`);
  context.schedule.clear(kind, target);
}

/** A due thing whose target may have been set by `follow`. */
export function followed(run: (context: Context, id: string) => void) {
  return (context: Context, target: string): void => {
    if (!target.startsWith(NOW)) return run(context, target);
    const id = target.slice(NOW.length);
    context.enter([id], false);
    return run(context, id);
  };
}
