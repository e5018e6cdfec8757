import type { OperationKind } from '../stripe/operations.js';

export const OPERATION_KEYS = Symbol('OPERATION_KEYS');

/**
 * Says under which id an operation runs when the caller can repeat its request: the same request with the same
 * Idempotency-Key leads to the same operation, also when the first answer was lost.
 */
export interface OperationKeys {
  next(kind: OperationKind, params: object): string | null;
}
