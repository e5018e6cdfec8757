import { Failure } from '../errors/failure.js';

/** The job or listener that failed is no longer part of the house, so nobody would take it up. */
export class DeadLetterUnroutable extends Failure {
  readonly code = 'dead_letter_unroutable';
  readonly status = 409;
  constructor(queue: string) {
    super(`No job or listener is named '${queue}' any more: nobody would take it up again.`);
  }
}
