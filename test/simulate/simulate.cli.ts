import { endSignal } from '../../src/boot/end-signal.js';
import { HELP, readOptions, UsageError } from './options.js';
import { simulate } from './simulate.js';

const ended = endSignal();
try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(HELP);
  else process.exitCode = await simulate(options, ended);
} catch (error) {
  process.exitCode = 1;
  process.stderr.write(`${ended.aborted ? 'The simulation was broken off.' : explain(error)}\n`);
}
// Everything is closed by now. What a library has left open must not keep the process from ending.
setTimeout(() => process.exit(), 500).unref();

function explain(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\n\n${HELP}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
