import { API_VERSION } from './api-version.js';
import { Contents } from './contents.js';
import type { Context } from './context.js';
import type { Core } from './core.js';
import { faultOf, invalid, KeptError, noAccess, ParameterError, StripeError, type ErrorBody } from './errors.js';
import { expand, expandPaths } from './expand.js';
import { decodeForm, plainForm, type Form } from './form.js';
import { recall, remember } from './idempotency.js';
import type { Route } from './route.js';

export interface Call {
  method: string;
  /** Without the query. */
  path: string;
  /** Query and body, as they came. */
  form: string;
  authorization: string | undefined;
  version: string | undefined;
  /** The connected account it is for; undefined: the sandbox's own. */
  account: string | undefined;
  idempotencyKey: string | undefined;
  requestId: string;
  /** What is in the form, once somebody has looked. */
  decoded?: Form;
}
export interface Answer {
  status: number;
  body: string;
  /** Sent instead of the body. */
  file?: Buffer;
  headers: Record<string, string>;
}
export interface LoggedRequest {
  method: string;
  path: string;
  params: unknown;
  idempotency_key: string | null;
  status: number;
  request_id: string;
  replayed: boolean;
  at: string;
}

const KEPT_REQUESTS = 5_000;

/** The API without its HTTP: a call in, an answer out, and everything it changed written in between. */
export class Api {
  readonly requests: LoggedRequest[] = [];
  readonly unsupported = new Map<string, number>();
  /** The header of this second: most answers have it in common. */
  #wrote = { at: Number.NaN, date: '' };

  constructor(
    readonly core: Core,
    readonly secretKey: string | undefined,
  ) {}

  /** `route`: undefined where no path matched. */
  answer(call: Call, route: Route | undefined, ids: readonly string[]): Answer {
    const answer = this.core.store.inAccount(call.account ?? '', () => this.#answer(call, route, ids));
    this.#log(call, answer);
    return answer;
  }

  refuse(call: Call, error: StripeError): Answer {
    const answer = this.#failure(call, error);
    this.#log(call, answer);
    return answer;
  }

  #answer(call: Call, route: Route | undefined, ids: readonly string[]): Answer {
    try {
      this.#authenticate(call);
      if (route === undefined) throw this.#unknownPath(call);
      this.#refuseAccount(call);
      const form = formOf(call);
      const key = call.method === 'POST' ? call.idempotencyKey : undefined;
      const known = key === undefined ? undefined : recall(this.core, key, call);
      if (known !== undefined)
        return this.#ok(call, known.status, known.body, {
          'idempotent-replayed': 'true',
          'original-request': known.request_id,
        });
      return this.#execute(call, route, ids, form, key);
    } catch (error) {
      return this.#failure(call, error);
    }
  }

  #execute(
    call: Call,
    route: Route,
    [id = '', second = '']: readonly string[],
    form: Form,
    key: string | undefined,
  ): Answer {
    const request = { id: call.requestId, idempotency_key: key ?? null };
    const paths = expandPaths(form);
    const run = route.prepare(form);
    const kept = (context: Context, status: number, body: string) => {
      if (key !== undefined) remember(context, key, call, status, body);
      return body;
    };
    try {
      const body = this.core.transact(request, (context) =>
        keepFailure(
          () => {
            const made = run(context, id, second);
            return made instanceof Contents ? made : kept(context, 200, shown(expand(context, made, paths)));
          },
          (error) => kept(context, error.status, errorBody(error.body)),
        ),
      );
      if (body instanceof Contents)
        return { ...this.#ok(call, 200, '', { 'content-type': body.mime }), file: body.data };
      return this.#ok(call, 200, body, key === undefined ? {} : { 'original-request': call.requestId });
    } catch (error) {
      // Undone, yet it was executed: the key answers the same from now on.
      if (
        error instanceof StripeError &&
        !(error instanceof KeptError) &&
        !(error instanceof ParameterError) &&
        key !== undefined
      )
        this.core.transact(request, (context) => kept(context, error.status, errorBody(error.body)));
      throw error;
    }
  }

  #authenticate({ authorization }: Call): void {
    const key = keyOf(authorization);
    if (key === undefined)
      throw new StripeError(401, {
        type: 'invalid_request_error',
        message:
          "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
      });
    if (key === this.secretKey || /^(sk|rk)_test_/.test(key)) return;
    throw new StripeError(401, {
      type: 'invalid_request_error',
      message: `Invalid API Key provided: ${key.slice(0, 8)}****. This sandbox takes any key that begins with sk_test_ and never a live one.`,
    });
  }

  /** https://docs.stripe.com/connect/authentication#stripe-account-header */
  #refuseAccount({ account, path }: Call): void {
    if (account === undefined) return;
    if (this.core.store.get('account', account) === undefined) throw noAccess(account);
    if (path.startsWith('/v1/test_helpers/test_clocks'))
      throw invalid('This sandbox has no test clocks of connected accounts: turn its own clock.');
  }

  #unknownPath({ method, path }: Call): StripeError {
    this.#count(`${method} ${path}`);
    return new StripeError(404, {
      type: 'invalid_request_error',
      message: `Unrecognized request URL (${method}: ${path}). Either it does not exist or this sandbox does not have it yet.`,
    });
  }

  #failure(call: Call, error: unknown): Answer {
    if (error instanceof StripeError) {
      if (error.body.code === 'parameter_unknown') this.#count(`${call.method} ${call.path} ${error.body.param}`);
      return this.#ok(call, error.status, errorBody(error.body), {});
    }
    this.core.log({ msg: 'sandbox fault', method: call.method, path: call.path, error: faultOf(error).stack });
    return this.#ok(call, 500, errorBody({ type: 'api_error', message: 'The sandbox failed; its log says how.' }), {});
  }

  #count(asked: string): void {
    // What is missing is missing for every id.
    const what = asked.replaceAll(/\/[a-z_]+_(?=[^/ ]*[A-Z0-9])[A-Za-z0-9]+(?=[/ ]|$)/g, '/:id');
    this.unsupported.set(what, (this.unsupported.get(what) ?? 0) + 1);
    this.core.log({ msg: 'sandbox does not have this', what });
  }

  #ok(call: Call, status: number, body: string, headers: Record<string, string>): Answer {
    return {
      status,
      body,
      headers: {
        'content-type': 'application/json',
        date: this.#date(),
        'request-id': call.requestId,
        'stripe-version': call.version ?? API_VERSION,
        ...(call.account !== undefined && { 'stripe-account': call.account }),
        ...(call.idempotencyKey !== undefined && { 'idempotency-key': call.idempotencyKey }),
        ...headers,
      },
    };
  }

  #date(): string {
    const now = this.core.clock.seconds();
    if (now !== this.#wrote.at) this.#wrote = { at: now, date: new Date(now * 1000).toUTCString() };
    return this.#wrote.date;
  }

  #log(call: Call, answer: Answer): void {
    this.requests.push({
      method: call.method,
      path: call.path,
      params: plainForm(formOf(call)),
      idempotency_key: call.idempotencyKey ?? null,
      status: answer.status,
      request_id: call.requestId,
      replayed: 'idempotent-replayed' in answer.headers,
      at: new Date(this.core.clock.now()).toISOString(),
    });
    if (this.requests.length > KEPT_REQUESTS) this.requests.shift();
  }
}

function formOf(call: Call): Form {
  call.decoded ??= decodeForm(call.form);
  return call.decoded;
}

/** A failure that is kept is remembered in the transaction that it ends. */
function keepFailure<R>(work: () => R, keep: (error: KeptError) => void): R {
  try {
    return work();
  } catch (error) {
    if (error instanceof KeptError) keep(error);
    throw error;
  }
}

function keyOf(authorization: string | undefined): string | undefined {
  const [scheme = '', value = ''] = (authorization ?? '').split(' ');
  if (/^bearer$/i.test(scheme)) return value === '' ? undefined : value;
  if (!/^basic$/i.test(scheme)) return undefined;
  const [user = ''] = Buffer.from(value, 'base64').toString('utf8').split(':');
  return user === '' ? undefined : user;
}

function shown(answer: object): string {
  return JSON.stringify(answer, null, 2);
}

function errorBody(body: ErrorBody): string {
  const doc_url =
    body.code === undefined ? undefined : `https://stripe.com/docs/error-codes/${body.code.replaceAll('_', '-')}`;
  return JSON.stringify({ error: { ...body, doc_url } }, null, 2);
}
