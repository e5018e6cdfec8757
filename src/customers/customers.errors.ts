import { Failure } from '../errors/failure.js';

/** Neither a Stripe id nor an external_id of a customer that is known here. */
export class CustomerNotFound extends Failure {
  readonly code = 'customer_not_found';
  readonly status = 404;
  constructor(ref: string) {
    super(`There is no customer '${ref}'.`);
  }
}

/** The customer was deleted at Stripe; what is known of them stays as a tombstone. */
export class CustomerDeleted extends Failure {
  readonly code = 'customer_deleted';
  readonly status = 410;
  constructor(id: string) {
    super(`The customer '${id}' was deleted.`);
  }
}

/** Another request is creating the customer of this external_id, or did and its outcome is not known yet. */
export class CustomerBeingCreated extends Failure {
  readonly code = 'operation_in_progress';
  readonly status = 409;
  override readonly retryable = true;
  override readonly retryAfterSeconds = 5;
  constructor(external_id: string) {
    super(`The customer with external_id '${external_id}' is being created. Try again in a moment.`);
  }
}
