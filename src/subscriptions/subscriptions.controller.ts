import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ListQuery, listOf, listPage } from '../api/list.js';
import type { List } from '../api/list.js';
import { CustomerIds } from '../customers/customer-ids.js';
import { Transactions } from '../database/transactions.js';
import { findSubscription } from './find-subscription.js';
import { InvoicePayments } from './invoice-payments.js';
import { subscriptionStatuses } from './subscription-status.js';
import { SubscriptionView, subscriptionViews } from './subscription-view.js';
import { Subscription } from './subscription.entity.js';
import { Subscriptions } from './subscriptions.js';

const interval = z.enum(['day', 'week', 'month', 'year']);
const quantity = z.int().min(1).max(1_000_000);

const CreateSubscription = z
  .strictObject({
    customer: z.string().min(1).meta({ description: "Stripe's id or your external_id." }),
    plan: z.string().min(1).meta({ description: 'A plan of the catalogue.' }),
    interval,
    currency: z
      .string()
      .regex(/^[a-z]{3}$/, 'Expected three lower-case letters (ISO 4217).')
      .optional()
      .meta({ description: "Default: the customer's, else the first that the catalogue sells the plan in." }),
    quantity: quantity.optional(),
    trial_days: z.int().min(0).max(730).optional().meta({
      description: "0: none. Default: the plan's trial, for whoever has not had a subscription of its group.",
    }),
    payment_method: z.string().min(1).optional().meta({
      description: "Is attached and becomes the customer's default. Without it the customer's default is charged.",
    }),
  })
  .meta({
    id: 'CreateSubscription',
    example: { customer: 'dennis', plan: 'pro', interval: 'month', payment_method: 'pm_card_visa' },
  });

const CancelSubscription = z
  .strictObject({ at: z.enum(['now', 'period_end']) })
  .meta({ id: 'CancelSubscription', example: { at: 'period_end' } });

const ResumeSubscription = z.strictObject({}).default({}).meta({ id: 'ResumeSubscription', example: {} });

const ChangeSubscription = z
  .strictObject({
    plan: z.string().min(1),
    interval: interval.optional().meta({ description: 'Default: as it is.' }),
    quantity: quantity.optional().meta({ description: 'Default: as it is.' }),
  })
  .meta({ id: 'ChangeSubscription', example: { plan: 'business' } });

const ListSubscriptions = ListQuery.extend({
  customer: z.string().min(1).optional().meta({ description: "Stripe's id or your external_id." }),
  status: z.enum(subscriptionStatuses).optional().meta({ description: 'Without it all are listed, ended ones too.' }),
});

@ApiTags('Subscriptions')
@Controller('v1/subscriptions')
export class SubscriptionsController {
  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly customerIds: CustomerIds,
    private readonly payments: InvoicePayments,
    private readonly transactions: Transactions,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Subscribe a customer',
    description:
      'Answers `incomplete` with `next_action` when the bank wants the customer present (3-D Secure): the subscription becomes active when they have finished it, within 23 hours. A refused payment is answered 402 and leaves no subscription.',
  })
  @ApiCreatedResponse({ standardSchema: SubscriptionView })
  async create(
    @Body({ schema: CreateSubscription }) body: z.infer<typeof CreateSubscription>,
  ): Promise<SubscriptionView> {
    const customer = await this.customerIds.resolve(this.transactions.reader(), body.customer);
    return this.show(await this.subscriptions.subscribe({ ...body, customer }));
  }

  @Get()
  @ApiOperation({ summary: 'List subscriptions' })
  @ApiOkResponse({ standardSchema: listOf(SubscriptionView) })
  async list(
    @Query({ schema: ListSubscriptions }) { customer, status, ...query }: z.infer<typeof ListSubscriptions>,
  ): Promise<List<SubscriptionView>> {
    const em = this.transactions.reader();
    const rows = em.createQueryBuilder(Subscription).where({
      deleted: false,
      ...(customer !== undefined && { customer: await this.customerIds.resolve(em, customer) }),
      ...(status !== undefined && { status }),
    });
    const found = await listPage(em, rows, { query, url: '/v1/subscriptions', created: 'created' });
    return { ...found, data: await subscriptionViews(em, found.data) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Retrieve a subscription' })
  @ApiOkResponse({ standardSchema: SubscriptionView })
  async get(@Param('id') id: string): Promise<SubscriptionView> {
    return this.show(id);
  }

  @Post(':id/cancel')
  @ApiOperation({
    summary: 'Cancel a subscription',
    description: 'Now, without a refund, or at the end of what is paid.',
  })
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: SubscriptionView })
  async cancel(
    @Param('id') id: string,
    @Body({ schema: CancelSubscription }) { at }: z.infer<typeof CancelSubscription>,
  ): Promise<SubscriptionView> {
    await this.subscriptions.cancel(id, at);
    return this.show(id);
  }

  @Post(':id/resume')
  @ApiOperation({
    summary: 'Resume a subscription',
    description: 'Undoes a scheduled cancellation; a paused subscription begins a new, paid period.',
  })
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: SubscriptionView })
  async resume(
    @Param('id') id: string,
    @Body({ schema: ResumeSubscription }) _body: z.infer<typeof ResumeSubscription>,
  ): Promise<SubscriptionView> {
    await this.subscriptions.resume(id);
    return this.show(id);
  }

  @Post(':id/change')
  @ApiOperation({
    summary: 'Change the plan',
    description:
      'Takes effect at once. What costs more per day, or has another interval, is invoiced at once with what is left of the old period credited; when that payment is refused (402), nothing has changed. What costs less is credited on the next invoice. During a trial nothing is charged.',
  })
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: SubscriptionView })
  async change(
    @Param('id') id: string,
    @Body({ schema: ChangeSubscription }) body: z.infer<typeof ChangeSubscription>,
  ): Promise<SubscriptionView> {
    await this.subscriptions.change(id, body);
    return this.show(id);
  }

  private async show(id: string): Promise<SubscriptionView> {
    const em = this.transactions.reader();
    const row = await findSubscription(em, id);
    const waits = row.status === 'incomplete' || row.status === 'paused';
    const payment = waits && row.latest_invoice !== null ? await this.payments.read(row.latest_invoice) : null;
    const [view] = await subscriptionViews(em, [row], payment?.next_action ?? null);
    if (!view) throw new Error(`The subscription ${id} has no view.`);
    return view;
  }
}
