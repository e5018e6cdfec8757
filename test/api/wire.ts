import type { Problem } from '../../src/api/problem.js';
import type { World } from '../support/world.js';

export interface Sent {
  status: number;
  headers: Headers;
  /** As it came, byte for byte. */
  text: string;
  /** The text, when it is JSON. */
  problem: Problem;
}

/** One request as it goes over the wire, with the world's key unless another is given. */
export async function send(world: World, path: string, init: RequestInit = {}, key = world.api.key): Promise<Sent> {
  const response = await fetch(`${world.house.url}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${key}`, ...(init.headers as Record<string, string>) },
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return {
    status: response.status,
    headers: response.headers,
    text,
    problem: (isJson ? JSON.parse(text) : {}) as Problem,
  };
}

export function post(world: World, path: string, body: object, idempotencyKey: string): Promise<Sent> {
  return send(world, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
    body: JSON.stringify(body),
  });
}
