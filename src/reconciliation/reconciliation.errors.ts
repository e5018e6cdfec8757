import { Failure } from '../errors/failure.js';

/** Two runs of one kind would only find each other's work. */
export class ReconciliationRunning extends Failure {
  readonly code = 'reconciliation_running';
  readonly status = 409;
  override readonly retryable = true;
  override readonly retryAfterSeconds = 30;
  override readonly extensions: Record<string, unknown>;
  constructor(kind: string, id: string) {
    super(`A reconciliation of kind '${kind}' is running: ${id}. Wait until it has ended.`);
    this.extensions = { reconciliation: id };
  }
}
