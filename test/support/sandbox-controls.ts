/** The sandbox's own controls, as any client has them. */
export class SandboxControls {
  constructor(readonly url: string) {}

  /** Turns the clock; resolves when everything due until then has happened, here and in the house. */
  advance(by: string): Promise<{ now: string }> {
    return this.post('clock/advance', { by });
  }

  /** Delivers what is pending and waits until the house has come to rest, without turning the clock. */
  settle(): Promise<{ now: string }> {
    return this.post('settle', {});
  }

  mischief(switches: object): Promise<object> {
    return this.post('mischief', switches);
  }

  async behave(): Promise<void> {
    await fetch(`${this.url}/_sandbox/mischief`, { method: 'DELETE' });
  }

  /** The API requests since the last call of `forgetRequests`. */
  async requests(): Promise<Array<{ method: string; path: string; status: number; idempotency_key: string | null }>> {
    const response = await fetch(`${this.url}/_sandbox/requests`);
    const { data } = (await response.json()) as {
      data: Array<{ method: string; path: string; status: number; idempotency_key: string | null }>;
    };
    return data;
  }

  async forgetRequests(): Promise<void> {
    await fetch(`${this.url}/_sandbox/requests`, { method: 'DELETE' });
  }

  async post<T>(path: string, body: object): Promise<T> {
    const response = await fetch(`${this.url}/_sandbox/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`POST /_sandbox/${path} → ${response.status} ${answer}`);
    return JSON.parse(answer) as T;
  }
}
