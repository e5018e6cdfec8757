import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Diary } from './diary.js';

export interface Answer<T> {
  status: number;
  body: T;
}

interface Problem {
  code?: string;
}

const PATIENCE_MS = 45_000;
const ANSWER_LIMIT_MS = 40_000;
const PAUSE_MS = 200;
/** How often an answer that asks for another try is taken at its word. */
const MOST_REPEATS = 4;

/** The app that uses the house: it repeats under the same Idempotency-Key until it is answered, as every client should. */
export class SaasApp {
  /** How its requests ended, by status and code. */
  readonly outcomes = new Map<string, number>();
  /** Answers of 500: no fault may bring one about. */
  readonly failures: string[] = [];

  constructor(
    private readonly url: string,
    private readonly key: string,
    private readonly diary: Diary,
  ) {}

  /** The last answer there was; a status of 0 when there was none. */
  async ask<T>(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Answer<T>> {
    const headers = {
      authorization: `Bearer ${this.key}`,
      ...(body && { 'content-type': 'application/json' }),
      ...(method === 'POST' && { 'idempotency-key': randomUUID() }),
    };
    const deadline = performance.now() + PATIENCE_MS;
    for (let repeats = 0; ;) {
      const answer = await this.once<T>(path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
      if (answer !== null && (!asksForAnother(answer) || repeats++ === MOST_REPEATS))
        return this.note(method, path, answer);
      if (performance.now() > deadline)
        return this.note(method, path, answer ?? { status: 0, body: { code: 'unreachable' } as T });
      await wait(PAUSE_MS);
    }
  }

  private async once<T>(path: string, init: RequestInit): Promise<Answer<T> | null> {
    try {
      const response = await fetch(new URL(path, this.url), { ...init, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
      return { status: response.status, body: (await response.json()) as T };
    } catch {
      return null;
    }
  }

  private note<T>(method: string, path: string, answer: Answer<T>): Answer<T> {
    const { code } = answer.body as Problem;
    const outcome = answer.status < 300 ? 'ok' : `${answer.status} ${code ?? ''}`.trim();
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    this.diary.note(`${method} ${path} → ${answer.status} ${code ?? ''}`);
    if (answer.status === 500) this.failures.push(`${method} ${path} was answered 500 ${code ?? ''}`);
    return answer;
  }
}

/** It was too much at once, or the same request is still under way; all else is told to the person, who comes again or not. */
function asksForAnother({ status, body }: Answer<unknown>): boolean {
  return status === 429 || (status === 409 && (body as Problem).code === 'idempotency_key_in_use');
}
