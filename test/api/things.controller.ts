import { EventEmitter, once } from 'node:events';
import { Body, Controller, Get, HttpCode, Logger, Param, Post, Query, Req } from '@nestjs/common';
import type { RawBodyRequest } from '@nestjs/common';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { RateLimited } from '../../src/api/api.errors.js';
import { ListQuery } from '../../src/api/list.js';
import { Public } from '../../src/api/public.js';
import { Failure, InvalidInput, NotFound } from '../../src/errors/failure.js';

const CreateThing = z
  .strictObject({
    name: z.string(),
    amount: z.int().min(1).optional(),
    lines: z.array(z.strictObject({ 'a/b~c': z.string() })).optional(),
  })
  .meta({ id: 'CreateThing' });

const ThingView = z
  .object({ id: z.string(), object: z.literal('thing'), name: z.string(), note: z.string().nullable() })
  .meta({ id: 'Thing' });

class Declined extends Failure {
  readonly code = 'not_found';
  readonly status = 402;
  override readonly extensions = { decline_code: 'insufficient_funds' };
}

class Conflict extends Failure {
  readonly code = 'not_found';
  readonly status = 409;
  constructor(override readonly retryable: boolean) {
    super('Another has it.');
  }
}

class Away extends Failure {
  readonly code = 'not_ready';
  readonly status = 503;
  override readonly retryable = true;
  override readonly retryAfterSeconds = 7;
}

/** What it does is chosen by the name of the thing. */
@ApiTags('Things')
@Controller()
export class ThingsController {
  /** How often the handler of POST /v1/things has begun. */
  static executions = 0;
  /** `started` is emitted by a slow thing, which then waits for `finish`. */
  static readonly slow = new EventEmitter();

  private readonly logger = new Logger(ThingsController.name);

  @Post('v1/things')
  @ApiCreatedResponse({ standardSchema: ThingView })
  async create(@Body({ schema: CreateThing }) body: z.infer<typeof CreateThing>): Promise<z.infer<typeof ThingView>> {
    ThingsController.executions += 1;
    const id = `thing_${ThingsController.executions}`;
    if (body.name === 'slow') {
      const finished = once(ThingsController.slow, 'finish');
      ThingsController.slow.emit('started');
      await finished;
    }
    if (body.name === 'declined') throw new Declined(`The card was declined (${id}).`);
    if (body.name === 'conflict') throw new Conflict(false);
    if (body.name === 'passing conflict') throw new Conflict(true);
    if (body.name === 'away') throw new Away('Away.');
    if (body.name === 'limited') throw new RateLimited('Slow down.', 3);
    if (body.name === 'unfit') throw new InvalidInput([{ pointer: '/name', detail: 'Does not fit.' }]);
    if (body.name.startsWith('crash')) throw new Error(`failed with ${body.name}`);
    return { id, object: 'thing', name: body.name, note: null };
  }

  @Get('v1/things')
  list(@Query({ schema: ListQuery }) query: ListQuery): ListQuery {
    return query;
  }

  @Get('v1/things/:id')
  find(@Param('id', { schema: z.string().regex(/^thing_/, 'Is no id of a thing.') }) id: string): never {
    throw new NotFound('thing', id);
  }

  @Post('v1/customers/:customer/log')
  @HttpCode(200)
  log(): { logged: true } {
    this.logger.log('from within');
    return { logged: true };
  }

  @Public()
  @Post('echo')
  @HttpCode(200)
  echo(@Req() request: RawBodyRequest<FastifyRequest>): { size: number } {
    return { size: request.rawBody?.length ?? 0 };
  }
}
