import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { LockMode } from '@mikro-orm/core';
import { z } from 'zod';
import { listOf, listPage, ListQuery } from '../../api/list.js';
import { databaseNow } from '../../database/database-now.js';
import { Transactions } from '../../database/transactions.js';
import { NotFound } from '../../errors/failure.js';
import { Deliveries } from './deliveries.js';
import { WebhookEndpointDisabled } from './outbound.errors.js';
import { WebhookDelivery } from './webhook-delivery.entity.js';
import { deliveryView, WebhookDeliveryView } from './webhook-delivery.view.js';
import { WebhookEndpoints } from './webhook-endpoints.js';

const WebhookDeliveryList = listOf(WebhookDeliveryView).meta({ id: 'WebhookDeliveryList' });

const ListDeliveries = ListQuery.extend({ status: z.enum(['pending', 'delivered', 'failed', 'skipped']).optional() });

type DeliveryView = z.infer<typeof WebhookDeliveryView>;

/** The log of what was sent, and sending again. */
@ApiTags('Webhook deliveries')
@Controller('v1')
export class WebhookDeliveriesController {
  constructor(
    private readonly transactions: Transactions,
    private readonly endpoints: WebhookEndpoints,
    private readonly deliveries: Deliveries,
  ) {}

  @Get('webhook_endpoints/:id/deliveries')
  @ApiOperation({ summary: 'List the deliveries of an endpoint' })
  @ApiOkResponse({ standardSchema: WebhookDeliveryList })
  async list(
    @Param('id') id: string,
    @Query({ schema: ListDeliveries }) query: z.infer<typeof ListDeliveries>,
  ): Promise<z.infer<typeof WebhookDeliveryList>> {
    const { status, ...cursors } = query;
    const em = this.transactions.reader();
    const { id: endpoint } = await this.endpoints.find(em, id);
    const rows = em.createQueryBuilder(WebhookDelivery).where({ endpoint, ...(status && { status }) });
    const listing = {
      query: cursors,
      url: `/v1/webhook_endpoints/${endpoint}/deliveries`,
      created: 'created_at',
    } as const;
    const { data, ...page } = await listPage(em, rows, listing);
    return { ...page, data: data.map(deliveryView) };
  }

  @Get('webhook_deliveries/:id')
  @ApiOperation({ summary: 'Retrieve a delivery' })
  @ApiOkResponse({ standardSchema: WebhookDeliveryView })
  async retrieve(@Param('id') id: string): Promise<DeliveryView> {
    const delivery = await this.transactions.reader().findOne(WebhookDelivery, { id });
    if (delivery === null) throw new NotFound('webhook delivery', id);
    return deliveryView(delivery);
  }

  @Post('webhook_endpoints/:id/test')
  @ApiOperation({
    summary: 'Send a test message',
    description: 'Sends it at once, and answers with what the receiver said; it is not tried again.',
  })
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: WebhookDeliveryView })
  async test(@Param('id') id: string): Promise<DeliveryView> {
    const endpoint = await this.endpoints.find(this.transactions.reader(), id);
    const delivery = await this.endpoints.sendTest(endpoint);
    await this.transactions.run(async (em) => em.persist(delivery));
    return deliveryView(delivery);
  }

  @Post('webhook_deliveries/:id/retry')
  @ApiOperation({
    summary: 'Send again',
    description: 'Sends it now, whatever became of it before: the same text under the same `webhook-id`.',
  })
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: WebhookDeliveryView })
  async retry(@Param('id') id: string): Promise<DeliveryView> {
    return this.transactions.run(async (em) => {
      const delivery = await em.findOne(WebhookDelivery, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if (delivery === null) throw new NotFound('webhook delivery', id);
      const endpoint = await this.endpoints.find(em, delivery.endpoint);
      if (endpoint.status === 'disabled') throw new WebhookEndpointDisabled(endpoint.id);
      delivery.sendAgain(await databaseNow(em));
      await this.deliveries.enqueue(em, delivery, endpoint.failing_since !== null);
      return deliveryView(delivery);
    });
  }
}
