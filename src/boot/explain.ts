import { EnvError } from '../../config/env.js';
import { ConfigFileError } from '../../config/yaml-file.js';
import { Failure } from '../errors/failure.js';

/** What the person at the terminal can mend; `message` is the whole of it: what is at fault and what to do. */
export class CannotStart extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CannotStart';
  }
}

/** Faults that a person can mend get their lines; anything else its stack as well. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const mendable = [CannotStart, EnvError, ConfigFileError, Failure].some((kind) => error instanceof kind);
  return mendable || 'code' in error ? reasonOf(error) : (error.stack ?? error.message);
}

/** Several addresses that were tried in vain come as an AggregateError without a message of its own. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  return error.message;
}
