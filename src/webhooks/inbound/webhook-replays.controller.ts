import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { listPage, ListQuery } from '../../api/list.js';
import { Transactions } from '../../database/transactions.js';
import { NotFound } from '../../errors/failure.js';
import { ReplaySelection } from './replay-selection.js';
import type { Selection } from './replay-selection.js';
import { WebhookReplay } from './webhook-replay.entity.js';
import { WebhookReplayList, replayView, WebhookReplayView } from './webhook-replay.view.js';
import { WebhookReplays } from './webhook-replays.js';

/** Going through stored events again. */
@ApiTags('Stripe events')
@Controller('v1/webhooks/replays')
export class WebhookReplaysController {
  constructor(
    private readonly replays: WebhookReplays,
    private readonly transactions: Transactions,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Replay stored events',
    description:
      'Begins now and answers at once. What was handled before is brought to the mirror again and tells nobody; dead letters are tried as if they had just come.',
  })
  @HttpCode(202)
  @ApiAcceptedResponse({ standardSchema: WebhookReplayView })
  async create(@Body({ schema: ReplaySelection }) selection: Selection): Promise<WebhookReplayView> {
    return replayView(await this.transactions.run((em) => this.replays.open(em, selection)));
  }

  @Get()
  @ApiOperation({ summary: 'List replays' })
  @ApiOkResponse({ standardSchema: WebhookReplayList })
  async list(@Query({ schema: ListQuery }) query: ListQuery): Promise<z.infer<typeof WebhookReplayList>> {
    const em = this.transactions.reader();
    const listing = { query, url: '/v1/webhooks/replays', created: 'created_at' } as const;
    const { data, ...page } = await listPage(em, em.createQueryBuilder(WebhookReplay), listing);
    return { ...page, data: data.map(replayView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Retrieve a replay' })
  @ApiOkResponse({ standardSchema: WebhookReplayView })
  async retrieve(@Param('id') id: string): Promise<WebhookReplayView> {
    const replay = await this.transactions.reader().findOne(WebhookReplay, { id });
    if (replay === null) throw new NotFound('webhook replay', id);
    return replayView(replay);
  }
}
