import { Body, Controller, Get, HttpCode, Param, Patch, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { listOf, listPage } from '../api/list.js';
import type { List } from '../api/list.js';
import { CustomerIds } from '../customers/customer-ids.js';
import { Transactions } from '../database/transactions.js';
import {
  CancelPayment,
  CapturePayment,
  ConfirmPayment,
  CreatePayment,
  ListPayments,
  UpdatePayment,
} from './payment-input.js';
import { PaymentView, paymentView } from './payment-view.js';
import { Payment } from './payment.entity.js';
import { findPayment, Payments } from './payments.js';
import { refundedOf } from './refund-reservations.js';

@ApiTags('Payments')
@Controller('v1/payments')
export class PaymentsController {
  constructor(
    private readonly customerIds: CustomerIds,
    private readonly payments: Payments,
    private readonly transactions: Transactions,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Create a payment',
    description:
      'With `confirm` it is charged at once. A decline is a 402 whose `payment` can be confirmed with another card.',
  })
  @ApiCreatedResponse({ standardSchema: PaymentView })
  async create(
    @Body({ schema: CreatePayment }) body: z.infer<typeof CreatePayment>,
    @Req() request: FastifyRequest,
  ): Promise<PaymentView> {
    return this.show(await this.payments.create(body, request.ip));
  }

  @Get()
  @ApiOperation({ summary: 'List payments' })
  @ApiOkResponse({ standardSchema: listOf(PaymentView) })
  async list(
    @Query({ schema: ListPayments }) { customer, order_id, ...query }: z.infer<typeof ListPayments>,
  ): Promise<List<PaymentView>> {
    const em = this.transactions.reader();
    const rows = em.createQueryBuilder(Payment).where({
      deleted: false,
      ...(customer !== undefined && { customer: await this.customerIds.resolve(em, customer) }),
      ...(order_id !== undefined && { order_id }),
    });
    const found = await listPage(em, rows, { query, url: '/v1/payments', created: 'created' });
    const refunded = await refundedOf(
      em,
      found.data.map(({ id }) => id),
    );
    return { ...found, data: found.data.map((row) => paymentView(row, refunded.get(row.id) ?? 0)) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Retrieve a payment' })
  @ApiOkResponse({ standardSchema: PaymentView })
  get(@Param('id') id: string): Promise<PaymentView> {
    return this.show(id);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Update a payment', description: 'Fields that are not named stay as they are.' })
  @ApiOkResponse({ standardSchema: PaymentView })
  async update(
    @Param('id') id: string,
    @Body({ schema: UpdatePayment }) body: z.infer<typeof UpdatePayment>,
  ): Promise<PaymentView> {
    await this.payments.update(id, body);
    return this.show(id);
  }

  @Post(':id/confirm')
  @ApiOperation({
    summary: 'Confirm a payment',
    description: 'Charges it. When the bank asks the customer to confirm, the answer has a `next_action`.',
  })
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: PaymentView })
  async confirm(
    @Param('id') id: string,
    @Body({ schema: ConfirmPayment }) body: z.infer<typeof ConfirmPayment>,
    @Req() request: FastifyRequest,
  ): Promise<PaymentView> {
    await this.payments.confirm(id, body, request.ip);
    return this.show(id);
  }

  @Post(':id/capture')
  @ApiOperation({
    summary: 'Capture an authorized payment',
    description: 'Takes what was authorized, or a part of it; the rest is set free.',
  })
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: PaymentView })
  async capture(
    @Param('id') id: string,
    @Body({ schema: CapturePayment }) body: z.infer<typeof CapturePayment>,
  ): Promise<PaymentView> {
    await this.payments.capture(id, body.amount);
    return this.show(id);
  }

  @Post(':id/cancel')
  @ApiOperation({
    summary: 'Cancel a payment',
    description: 'As long as it has not succeeded; what was authorized is set free.',
  })
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: PaymentView })
  async cancel(
    @Param('id') id: string,
    @Body({ schema: CancelPayment }) body: z.infer<typeof CancelPayment>,
  ): Promise<PaymentView> {
    await this.payments.cancel(id, body.reason);
    return this.show(id);
  }

  private async show(id: string): Promise<PaymentView> {
    const em = this.transactions.reader();
    const refunded = await refundedOf(em, [id]);
    return paymentView(await findPayment(em, id), refunded.get(id) ?? 0);
  }
}
