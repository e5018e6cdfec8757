import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ListQuery, page } from '../api/list.js';
import { Transactions } from '../database/transactions.js';
import {
  DeadLetterDeleted,
  DeadLetterList,
  DeadLettersRetried,
  DeadLetterView,
  deadLetterView,
  RetryDeadLetters,
} from './dead-letter.view.js';
import { DeadLetters, SLICE } from './dead-letters.js';

const ListDeadLetters = ListQuery.extend({
  queue: z.string().optional().meta({ description: 'A job (`email.send`) or a listener (`on.outbound_webhooks`).' }),
});

/** What was given up, until somebody has seen to it. */
@ApiTags('Dead letters')
@Controller('v1/dead_letters')
export class DeadLettersController {
  constructor(
    private readonly letters: DeadLetters,
    private readonly transactions: Transactions,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'List dead letters',
    description: 'Jobs and listeners that failed for good, youngest first.',
  })
  @ApiOkResponse({ standardSchema: DeadLetterList })
  async list(
    @Query({ schema: ListDeadLetters }) { queue, ...query }: z.infer<typeof ListDeadLetters>,
  ): Promise<z.infer<typeof DeadLetterList>> {
    const { rows, backwards } = await this.letters.list(this.transactions.reader(), query, queue);
    const { data, ...rest } = page(rows, query.limit, '/v1/dead_letters');
    return { ...rest, data: (backwards ? data.toReversed() : data).map(deadLetterView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Retrieve a dead letter' })
  @ApiOkResponse({ standardSchema: DeadLetterView })
  async retrieve(@Param('id') id: string): Promise<DeadLetterView> {
    return deadLetterView(await this.letters.find(this.transactions.reader(), id));
  }

  @Post(':id/retry')
  @ApiOperation({
    summary: 'Retry a dead letter',
    description:
      'It is a job again, with all its attempts before it. When it fails once more, it comes back under a new id.',
  })
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: DeadLetterView })
  async retry(@Param('id') id: string): Promise<DeadLetterView> {
    return deadLetterView(await this.transactions.run((em) => this.letters.retry(em, id)));
  }

  @Post('retry')
  @ApiOperation({ summary: 'Retry all dead letters of a queue', description: 'All that lie there now, oldest first.' })
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: DeadLettersRetried })
  async retryAll(
    @Body({ schema: RetryDeadLetters }) { queue }: z.infer<typeof RetryDeadLetters>,
  ): Promise<z.infer<typeof DeadLettersRetried>> {
    const there = await this.letters.count(this.transactions.reader(), queue);
    let retried = 0;
    // No more than there were: what fails again meanwhile is for somebody to look at.
    while (retried < there) {
      const limit = Math.min(SLICE, there - retried);
      const moved = await this.transactions.run((em) => this.letters.retryOldest(em, queue, limit));
      if (moved === 0) break;
      retried += moved;
    }
    return { object: 'dead_letters_retried', queue, retried };
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Delete a dead letter', description: 'It was seen to, and is not to be tried again.' })
  @ApiOkResponse({ standardSchema: DeadLetterDeleted })
  async delete(@Param('id') id: string): Promise<z.infer<typeof DeadLetterDeleted>> {
    await this.transactions.run((em) => this.letters.delete(em, id));
    return { object: 'dead_letter', id, deleted: true };
  }
}
