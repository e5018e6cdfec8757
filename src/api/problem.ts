import { HttpException } from '@nestjs/common';
import { Failure } from '../errors/failure.js';
import type { FieldError } from '../errors/failure.js';
import { DatabaseUnavailable } from './api.errors.js';
import { isDatabaseAway } from './database-away.js';
import { problemCodes } from './problem-codes.js';

export const PROBLEM_TYPE = 'application/problem+json';

/** RFC 9457, with our members `code`, `request_id` and `errors`, and those a failure adds (`extensions`). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id: string;
  retryable: boolean;
  errors?: FieldError[];
  [extension: string]: unknown;
}

export interface ProblemRequest {
  id: string;
  method: string;
  url: string;
  /** No route has this method and path. */
  is404: boolean;
}

/** What went wrong, as the caller is told it. Nothing of an unforeseen error is shown. */
export function problemOf(error: unknown, request: ProblemRequest): Problem {
  if (error instanceof Failure) return problemOfFailure(error, request.id);
  if (isDatabaseAway(error)) return problemOfFailure(new DatabaseUnavailable({ cause: error }), request.id);
  const status = statusOf(error);
  if (status === null) {
    return problem(
      'internal_error',
      500,
      'Something failed that should not. It is logged under this request id.',
      request.id,
    );
  }
  if (request.is404) {
    const path = request.url.split('?', 1)[0];
    return problem('route_not_found', 404, `There is no ${request.method} ${path}.`, request.id);
  }
  const code = codeOf(status, error);
  return problem(code, status, detailOf(code, error), request.id);
}

function problemOfFailure(failure: Failure, requestId: string): Problem {
  const { code, status, message, fields, extensions, retryable } = failure;
  const base = { ...problem(code, status, message, requestId), retryable };
  return { ...extensions, ...base, ...(fields === undefined ? {} : { errors: fields }) };
}

export function problem(code: string, status: number, detail: string, requestId: string): Problem {
  return {
    type: `/docs/errors#${code}`,
    title: problemCodes[code]?.title ?? code,
    status,
    detail,
    code,
    request_id: requestId,
    retryable: problemCodes[code]?.retryable ?? false,
  };
}

/** The status that Nest or Fastify gave a fault of the request; null for every other error. */
function statusOf(error: unknown): number | null {
  const status = error instanceof HttpException ? error.getStatus() : statusCodeOf(error);
  return status >= 400 && status < 500 ? status : null;
}

function statusCodeOf(error: unknown): number {
  const isFastifys = error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number';
  return isFastifys ? Number(error.statusCode) : 500;
}

const codesByStatus: Record<number, string> = {
  404: 'not_found',
  408: 'request_timeout',
  413: 'payload_too_large',
  414: 'url_too_long',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  431: 'headers_too_large',
};

function codeOf(status: number, error: unknown): string {
  if (status === 400 && isAboutJson(error)) return 'malformed_json';
  return codesByStatus[status] ?? 'bad_request';
}

function isAboutJson(error: unknown): boolean {
  return error instanceof SyntaxError || /json/i.test(messageOf(error));
}

function detailOf(code: string, error: unknown): string {
  const fixed: Record<string, string> = {
    malformed_json: 'The body is not valid JSON. (An empty one is none either: leave Content-Type out then.)',
    payload_too_large: 'The body is larger than this path takes (256 KB; 1.5 MB at /webhooks/stripe).',
    unsupported_media_type: 'Send the body as application/json.',
  };
  return fixed[code] ?? messageOf(error);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : '';
}
