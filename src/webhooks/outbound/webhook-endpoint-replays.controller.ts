import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { listPage, ListQuery } from '../../api/list.js';
import { Transactions } from '../../database/transactions.js';
import { NotFound } from '../../errors/failure.js';
import { WebhookEndpointReplay } from './webhook-endpoint-replay.entity.js';
import {
  CreateWebhookEndpointReplay,
  endpointReplayView,
  WebhookEndpointReplayList,
  WebhookEndpointReplayView,
} from './webhook-endpoint-replay.view.js';
import { WebhookEndpointReplays } from './webhook-endpoint-replays.js';
import { WebhookEndpoints } from './webhook-endpoints.js';

/** Sending the events of a range of time again. */
@ApiTags('Webhook deliveries')
@Controller('v1/webhook_endpoints/:id')
export class WebhookEndpointReplaysController {
  constructor(
    private readonly endpoints: WebhookEndpoints,
    private readonly replays: WebhookEndpointReplays,
    private readonly transactions: Transactions,
  ) {}

  @Post('replay')
  @ApiOperation({
    summary: 'Send a range of events again',
    description:
      'Begins now and answers at once. What was sent before carries the same text and `webhook-id`; what never was, because the endpoint was disabled or did not exist, is sent too.',
  })
  @HttpCode(202)
  @ApiAcceptedResponse({ standardSchema: WebhookEndpointReplayView })
  async create(
    @Param('id') id: string,
    @Body({ schema: CreateWebhookEndpointReplay }) range: z.infer<typeof CreateWebhookEndpointReplay>,
  ): Promise<WebhookEndpointReplayView> {
    return endpointReplayView(
      await this.transactions.run(async (em) => this.replays.open(em, await this.endpoints.find(em, id), range)),
    );
  }

  @Get('replays')
  @ApiOperation({ summary: 'List the replays of an endpoint' })
  @ApiOkResponse({ standardSchema: WebhookEndpointReplayList })
  async list(
    @Param('id') id: string,
    @Query({ schema: ListQuery }) query: ListQuery,
  ): Promise<z.infer<typeof WebhookEndpointReplayList>> {
    const em = this.transactions.reader();
    const { id: endpoint } = await this.endpoints.find(em, id);
    const rows = em.createQueryBuilder(WebhookEndpointReplay).where({ endpoint });
    const url = `/v1/webhook_endpoints/${endpoint}/replays`;
    const { data, ...page } = await listPage(em, rows, { query, url, created: 'id' });
    return { ...page, data: data.map(endpointReplayView) };
  }

  @Get('replays/:replay')
  @ApiOperation({ summary: 'Retrieve a replay of an endpoint' })
  @ApiOkResponse({ standardSchema: WebhookEndpointReplayView })
  async retrieve(@Param('id') endpoint: string, @Param('replay') id: string): Promise<WebhookEndpointReplayView> {
    const replay = await this.transactions.reader().findOne(WebhookEndpointReplay, { id, endpoint });
    if (replay === null) throw new NotFound('replay', id);
    return endpointReplayView(replay);
  }
}
