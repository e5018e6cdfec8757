import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { listPage, ListQuery } from '../../api/list.js';
import { Transactions } from '../../database/transactions.js';
import { NotFound } from '../../errors/failure.js';
import { InboundEvent } from './inbound-event.entity.js';
import { summaryOf, WebhookEventList, WebhookEventView } from './webhook-event.view.js';

const moment = z.iso.datetime({ offset: true }).optional();

const ListWebhookEvents = ListQuery.extend({
  status: z
    .enum(['pending', 'handled', 'dead', 'quarantined'])
    .optional()
    .meta({ description: '`dead`: the dead letters. `quarantined`: kept aside, `error` says why.' }),
  type: z.string().optional(),
  from: moment.meta({ description: 'Received at this moment or later.' }),
  to: moment.meta({ description: 'Received before this moment.' }),
});

/** The inbox: what Stripe has sent. */
@ApiTags('Stripe events')
@Controller('v1/webhooks/events')
export class WebhookEventsController {
  constructor(private readonly transactions: Transactions) {}

  @Get()
  @ApiOperation({ summary: 'List received events', description: 'What Stripe has sent, last received first.' })
  @ApiOkResponse({ standardSchema: WebhookEventList })
  async list(
    @Query({ schema: ListWebhookEvents }) filter: z.infer<typeof ListWebhookEvents>,
  ): Promise<z.infer<typeof WebhookEventList>> {
    const { status, type, from, to, ...query } = filter;
    const em = this.transactions.reader();
    const rows = em.createQueryBuilder(InboundEvent).where({ ...(status && { status }), ...(type && { type }) });
    if (from) rows.andWhere('received_at >= ?::timestamptz', [from]);
    if (to) rows.andWhere('received_at < ?::timestamptz', [to]);
    const listing = { query, url: '/v1/webhooks/events', created: 'received_at' } as const;
    const { data, ...page } = await listPage(em, rows, listing);
    return { ...page, data: data.map(summaryOf) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Retrieve a received event', description: 'With its bytes, and its error.' })
  @ApiOkResponse({ standardSchema: WebhookEventView })
  async retrieve(@Param('id') id: string): Promise<z.infer<typeof WebhookEventView>> {
    const event = await this.transactions.reader().findOne(InboundEvent, { id }, { populate: ['payload'] });
    if (event === null) throw new NotFound('webhook event', id);
    return { ...summaryOf(event), payload: event.payload };
  }
}
