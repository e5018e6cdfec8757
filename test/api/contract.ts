import { expect } from '@jest/globals';
import { ApiKeys } from '../../src/api/api-keys.js';
import type { Problem } from '../../src/api/problem.js';
import { World } from '../support/world.js';
import { DocumentedApi, filled } from './documented-api.js';
import type { Operation } from './documented-api.js';

export interface Call {
  body?: unknown;
  /** Sent as it is. */
  raw?: string;
  /** For the path's parameters: each its own, or the same for all. */
  ids?: Record<string, string> | string;
  query?: string;
  key?: string | null;
}

export interface Called {
  status: number;
  headers: Headers;
  problem: Problem;
}

/** A world, and its API as the document tells it. */
export class Contract {
  private calls = 0;
  private caller = { key: '', address: '' };

  private constructor(
    readonly world: World,
    readonly api: DocumentedApi,
  ) {}

  static async open(): Promise<Contract> {
    const world = await World.open();
    return new Contract(world, await DocumentedApi.at(world.house.url));
  }

  close(): Promise<void> {
    return this.world.close();
  }

  /** Those below /v1, which need a key. */
  get operations(): Operation[] {
    return this.api.operations.filter(({ path }) => path.startsWith('/v1/'));
  }

  get withBody(): Operation[] {
    return this.operations.filter((operation) => this.api.bodyOf(operation) !== null);
  }

  get withId(): Operation[] {
    return this.operations.filter(({ path }) => path.includes('{'));
  }

  exampleOf(operation: Operation): Record<string, unknown> {
    return this.api.bodyOf(operation)?.example as Record<string, unknown>;
  }

  /** What the operation is sent when its body is not what is tried. */
  bodyFor(operation: Operation): unknown {
    return this.api.bodyOf(operation) === null ? undefined : this.exampleOf(operation);
  }

  /** One request as the operation documents it, and its answer, which has to be as documented too. */
  async call(operation: Operation, { body, raw, ids = 'unknown', query = '', key }: Call = {}): Promise<Called> {
    const caller = await this.nextCaller();
    const sentKey = key === undefined ? caller.key : key;
    const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`${this.world.house.url}${filled(operation.path, ids)}${query}`, {
      method: operation.method,
      headers: {
        'x-forwarded-for': caller.address,
        ...(sentKey !== null && { authorization: `Bearer ${sentKey}` }),
        ...(text !== undefined && { 'content-type': 'application/json' }),
      },
      ...(text !== undefined && { body: text }),
    });
    const problem = (await response.json()) as Problem;
    const schema = this.api.answerOf(operation, response.status);
    if (schema !== null) expect([operation.name, ...this.api.faults(schema, problem)]).toEqual([operation.name]);
    if (response.status >= 400) {
      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(problem.request_id).toBe(response.headers.get('request-id'));
    }
    return { status: response.status, headers: response.headers, problem };
  }

  /** So many requests come from no caller within its limit, so there are several. */
  private async nextCaller(): Promise<{ key: string; address: string }> {
    if (this.calls++ % 150 === 0) {
      const key = await this.world.get(ApiKeys).createForDevelopment();
      this.caller = { key, address: `203.0.113.${Math.ceil(this.calls / 150)}` };
    }
    return this.caller;
  }
}

/** What came of each operation, by its name, so that a failure names all that differ. */
export async function each<T>(
  operations: Operation[],
  told: (operation: Operation) => Promise<T>,
): Promise<Map<string, T>> {
  const found = new Map<string, T>();
  for (const operation of operations) found.set(operation.name, await told(operation));
  return found;
}

/** The same came of all. */
export function all<T>(operations: Operation[], value: T): Map<string, T> {
  return new Map(operations.map(({ name }) => [name, value]));
}
