import { Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../errors/failure.js';
import { PROBLEM_TYPE, problemOf } from './problem.js';

const logger = new Logger('Http');

/** Answers an error as RFC 9457 problem+json; what is our own fault is logged. */
export async function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const problem = problemOf(error, request);
  if (problem.code === 'internal_error') logger.error(error);
  else if (problem.status >= 500) logger.warn(error);
  const failure = error instanceof Failure ? error : undefined;
  if (failure?.retryAfterSeconds !== undefined) void reply.header('Retry-After', String(failure.retryAfterSeconds));
  if (problem.status === 401) void reply.header('WWW-Authenticate', 'Bearer realm="Good Standing"');
  await reply.status(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
}
