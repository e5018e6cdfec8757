import http from 'node:http';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { types } from 'node:util';
import { checkedLookup, refuseLiteral } from './checked-lookup.js';
import type { AddressRule } from './address-rule.js';
import type { Outcome } from './outcome.js';

const TIMEOUT_MS = 15_000;
const KEPT_BYTES = 2048;

export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface Reach {
  rule: AddressRule;
  timeoutMs?: number;
  lookup?: LookupFunction;
}

/**
 * One POST on the open Internet, 15 s in all. Redirects are not followed (a receiver could point them inwards), no proxy
 * and no connection of an earlier request is used, so that every connection passes the check of its address.
 * @returns what happened; it never throws.
 */
export async function post(
  request: Post,
  { rule, timeoutMs = TIMEOUT_MS, lookup = checkedLookup(rule) }: Reach,
): Promise<Outcome> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const url = new URL(request.url);
    refuseLiteral(url, rule);
    const answer = await send(url, request, { signal, lookup });
    const response_body = await firstBytes(answer);
    const status_code = answer.statusCode ?? null;
    return { status_code, response_body, error: is2xx(status_code) ? null : `The receiver answered ${status_code}.` };
  } catch (error) {
    const message = signal.aborted ? `No answer within ${timeoutMs / 1000} s.` : messageOf(error);
    return { status_code: null, response_body: null, error: message };
  }
}

function send(
  url: URL,
  { headers, body }: Post,
  via: { signal: AbortSignal; lookup: LookupFunction },
): Promise<IncomingMessage> {
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    request(url, {
      method: 'POST',
      agent: false,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      ...via,
    })
      .on('response', resolve)
      .on('error', reject)
      .end(body);
  });
}

/** The status has decided already: an answer that breaks off or never ends only lacks its rest in the log. */
async function firstBytes(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if (sizeOf(chunks) >= KEPT_BYTES) break;
    }
  } catch {
    answer.destroy();
  }
  // PostgreSQL's text cannot hold NUL.
  return Buffer.concat(chunks).subarray(0, KEPT_BYTES).toString('utf8').replaceAll('\0', '\uFFFD');
}

function sizeOf(chunks: Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

function is2xx(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300;
}

/** Several addresses that were tried in vain come as an AggregateError without a message of its own. */
function messageOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  return 'errors' in error && Array.isArray(error.errors) ? error.errors.map(messageOf).join('; ') : error.message;
}
