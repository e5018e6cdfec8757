/** npm passes on the Ctrl-C that the terminal has sent to all its processes: one key arrives as two signals. */
const SAME_KEY_MS = 1000;

/** Aborted by the first SIGINT or SIGTERM; a second one ends the process at once. */
export function endSignal(): AbortSignal {
  const controller = new AbortController();
  let first = Infinity;
  const end = () => {
    if (performance.now() - first > SAME_KEY_MS) process.exit(130);
    first = Math.min(first, performance.now());
    controller.abort();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  return controller.signal;
}
