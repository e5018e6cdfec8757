import { Catch } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { StoredAnswer } from './idempotency-keys.js';
import { sendProblem } from './send-problem.js';

/** Answers every error as a problem, and a request that was answered before as it was then. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    if (error instanceof StoredAnswer) await replay(error, reply);
    else await sendProblem(error, http.getRequest<FastifyRequest>(), reply);
  }
}

async function replay(answer: StoredAnswer, reply: FastifyReply): Promise<void> {
  if (answer.contentType !== null) void reply.header('Content-Type', answer.contentType);
  await reply.status(answer.status).header('Idempotent-Replayed', 'true').send(answer.body);
}
