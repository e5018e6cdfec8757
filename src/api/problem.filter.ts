import { Catch, Logger } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Failure } from '../errors/failure.js';
import { StoredAnswer } from './idempotency-keys.js';
import { PROBLEM_TYPE, problemOf } from './problem.js';

/** Answers every error as RFC 9457 problem+json. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    if (error instanceof StoredAnswer) return this.replay(error, reply);
    const problem = problemOf(error, request);
    if (problem.status >= 500) this.log(error, problem.code);
    const failure = error instanceof Failure ? error : undefined;
    if (failure?.retryAfterSeconds !== undefined) void reply.header('Retry-After', String(failure.retryAfterSeconds));
    if (problem.status === 401) void reply.header('WWW-Authenticate', 'Bearer realm="Good Standing"');
    await reply.status(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
  }

  private async replay(answer: StoredAnswer, reply: FastifyReply): Promise<void> {
    if (answer.contentType !== null) void reply.header('Content-Type', answer.contentType);
    await reply.status(answer.status).header('Idempotent-Replayed', 'true').send(answer.body);
  }

  private log(error: unknown, code: string): void {
    if (code === 'internal_error') this.logger.error(error);
    else this.logger.warn(error);
  }
}
