/** One fault of a request's input: where it is (RFC 6901 JSON pointer, or a parameter's name) and what is wrong. */
export interface FieldError {
  pointer: string;
  detail: string;
}

/**
 * The root of every failure that a caller is told about: one subclass per failure. `code` is stable and greppable,
 * `status` is the HTTP status, `retryable` says whether the same request can succeed later unchanged.
 * `message` is written for the person who reads it: what is wrong and what to do.
 */
export abstract class Failure extends Error {
  abstract readonly code: string;
  abstract readonly status: number;
  readonly retryable: boolean = false;
  readonly retryAfterSeconds?: number;
  readonly fields?: FieldError[];
  /** Further members of the problem document (RFC 9457, "extension members"). */
  readonly extensions?: Record<string, unknown>;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The object that was asked for does not exist (or was deleted). */
export class NotFound extends Failure {
  readonly code = 'not_found';
  readonly status = 404;
  constructor(what: string, id: string) {
    super(`There is no ${what} '${id}'.`);
  }
}

/** The input is well-formed JSON, but not what this endpoint takes. */
export class InvalidInput extends Failure {
  readonly code = 'invalid_input';
  readonly status = 422;
  override readonly fields: FieldError[];
  constructor(fields: FieldError[]) {
    super(fields.map((field) => `${field.pointer}: ${field.detail}`).join('; '));
    this.fields = fields;
  }
}
