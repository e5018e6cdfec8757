/**
 * npm passes on the Ctrl-C that the terminal has sent to all its processes: one key arrives as two signals. Counted in beats
 * and not in time, because a process that is held up hears both late.
 */
const SAME_KEY_BEATS = 5;
const BEAT_MS = 100;

/** Aborted by the first SIGINT or SIGTERM; a second one ends the process at once. */
export function endSignal(): AbortSignal {
  const controller = new AbortController();
  let beats = 0;
  const end = () => {
    if (beats >= SAME_KEY_BEATS) process.exit(130);
    if (!controller.signal.aborted) setInterval(() => beats++, BEAT_MS).unref();
    controller.abort();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  return controller.signal;
}
