import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { listOf, listPage, ListQuery } from '../../api/list.js';
import { Transactions } from '../../database/transactions.js';
import { Receivers } from './receivers.js';
import { WebhookEndpoint } from './webhook-endpoint.entity.js';
import {
  CreateWebhookEndpoint,
  endpointView,
  RollSecret,
  UpdateWebhookEndpoint,
  WebhookEndpointDeleted,
  WebhookEndpointView,
  WebhookEndpointWithSecret,
} from './webhook-endpoint.view.js';
import { WebhookEndpoints } from './webhook-endpoints.js';

const WebhookEndpointList = listOf(WebhookEndpointView).meta({ id: 'WebhookEndpointList' });

/** Where apps hear of domain events. The secret is only in the answers that make it. */
@ApiTags('Webhook endpoints')
@Controller('v1/webhook_endpoints')
export class WebhookEndpointsController {
  constructor(
    private readonly transactions: Transactions,
    private readonly endpoints: WebhookEndpoints,
    private readonly receivers: Receivers,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Create a webhook endpoint',
    description:
      'Messages are signed by [Standard Webhooks](https://www.standardwebhooks.com). The `secret` is shown this once.',
  })
  @ApiCreatedResponse({ standardSchema: WebhookEndpointWithSecret })
  async create(
    @Body({ schema: CreateWebhookEndpoint }) body: z.infer<typeof CreateWebhookEndpoint>,
  ): Promise<z.infer<typeof WebhookEndpointWithSecret>> {
    await this.receivers.check(body.url);
    const endpoint = await this.transactions.run(async (em) => this.endpoints.create(em, body));
    return { ...endpointView(endpoint), secret: endpoint.secret };
  }

  @Get()
  @ApiOperation({ summary: 'List webhook endpoints' })
  @ApiOkResponse({ standardSchema: WebhookEndpointList })
  async list(@Query({ schema: ListQuery }) query: ListQuery): Promise<z.infer<typeof WebhookEndpointList>> {
    const em = this.transactions.reader();
    const listing = { query, url: '/v1/webhook_endpoints', created: 'created_at' } as const;
    const { data, ...page } = await listPage(em, em.createQueryBuilder(WebhookEndpoint), listing);
    return { ...page, data: data.map(endpointView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Retrieve a webhook endpoint' })
  @ApiOkResponse({ standardSchema: WebhookEndpointView })
  async retrieve(@Param('id') id: string): Promise<z.infer<typeof WebhookEndpointView>> {
    return endpointView(await this.endpoints.find(this.transactions.reader(), id));
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Update a webhook endpoint', description: 'Fields that are not named stay as they are.' })
  @ApiOkResponse({ standardSchema: WebhookEndpointView })
  async update(
    @Param('id') id: string,
    @Body({ schema: UpdateWebhookEndpoint }) body: z.infer<typeof UpdateWebhookEndpoint>,
  ): Promise<z.infer<typeof WebhookEndpointView>> {
    if (body.url !== undefined) await this.receivers.check(body.url);
    return this.transactions.run(async (em) => {
      const endpoint = await this.endpoints.lock(em, id);
      this.endpoints.update(endpoint, body);
      return endpointView(endpoint);
    });
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Delete a webhook endpoint' })
  @ApiOkResponse({ standardSchema: WebhookEndpointDeleted })
  async delete(@Param('id') id: string): Promise<z.infer<typeof WebhookEndpointDeleted>> {
    await this.transactions.run(async (em) => em.remove(await this.endpoints.lock(em, id)));
    return { object: 'webhook_endpoint', id, deleted: true };
  }

  @Post(':id/roll_secret')
  @ApiOperation({
    summary: 'Roll the secret',
    description:
      'Makes a new one. For a day, or as long as you say, the old one signs as well: each message carries both.',
  })
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: WebhookEndpointWithSecret })
  async rollSecret(
    @Param('id') id: string,
    @Body({ schema: RollSecret }) { expires_after }: z.infer<typeof RollSecret>,
  ): Promise<z.infer<typeof WebhookEndpointWithSecret>> {
    return this.transactions.run(async (em) => {
      const endpoint = await this.endpoints.lock(em, id);
      endpoint.rollSecret(new Date(), expires_after);
      return { ...endpointView(endpoint), secret: endpoint.secret };
    });
  }
}
