/** Speaks to the public API, as a SaaS app does: the demo and the samples know nothing of what lies behind it. */
export class PublicApi {
  constructor(
    private readonly url: string,
    private readonly key: string,
    private readonly signal?: AbortSignal,
  ) {}

  get<T>(path: string): Promise<T> {
    return this.request<T>('GET', path);
  }

  /** @param idempotencyKey repeated with the same key, the answer of the first time comes back. */
  post<T>(path: string, body: object, idempotencyKey?: string): Promise<T> {
    return this.request<T>('POST', path, body, idempotencyKey);
  }

  private async request<T>(method: string, path: string, body?: object, idempotencyKey?: string): Promise<T> {
    const response = await fetch(new URL(path, this.url), {
      method,
      headers: {
        authorization: `Bearer ${this.key}`,
        ...(body && { 'content-type': 'application/json' }),
        ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: this.signal ?? null,
    });
    const answer = (await response.json()) as T & { detail?: string };
    if (!response.ok) throw new ApiRefusal(method, path, response.status, answer);
    return answer;
  }
}

export class ApiRefusal extends Error {
  readonly problem: { code?: string; detail?: string };

  constructor(
    method: string,
    path: string,
    readonly status: number,
    problem: { code?: string; detail?: string },
  ) {
    super(`${method} ${path} was answered ${status}: ${problem.detail ?? problem.code ?? ''}`);
    this.name = 'ApiRefusal';
    this.problem = problem;
  }
}

/** The sandbox's clock; turning it resolves when everything that fell due has happened. */
export class SandboxTime {
  constructor(
    private readonly url: string,
    private readonly signal?: AbortSignal,
  ) {}

  async now(): Promise<Date> {
    const response = await fetch(new URL('/_sandbox/clock', this.url), { signal: this.signal ?? null });
    return new Date(((await response.json()) as { now: string }).now);
  }

  async advance(to: { by: string } | { to: string }): Promise<Date> {
    return new Date((await this.post('clock/advance', to)).now);
  }

  async settle(): Promise<void> {
    await this.post('settle', {});
  }

  private async post(path: string, body: object): Promise<{ now: string }> {
    const response = await fetch(new URL(`/_sandbox/${path}`, this.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: this.signal ?? null,
    });
    if (!response.ok) throw new Error(`The sandbox answered ${response.status} to ${path}: ${await response.text()}`);
    return (await response.json()) as { now: string };
  }
}
