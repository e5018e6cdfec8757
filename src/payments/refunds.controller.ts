import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, Param, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ListQuery, listOf, listPage } from '../api/list.js';
import type { List } from '../api/list.js';
import { uuidFrom } from '../database/ids.js';
import { Transactions } from '../database/transactions.js';
import { amount } from './payment-input.js';
import { RefundView, refundView } from './refund-view.js';
import { Refund } from './refund.entity.js';
import { findRefund, Refunds } from './refunds.js';

const CreateRefund = z
  .strictObject({
    payment: z.string().min(1),
    amount: amount.optional().meta({ description: 'All that is left, unless given.' }),
    reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
  })
  .meta({ id: 'CreateRefund', example: { payment: 'pi_…', amount: 1000, reason: 'requested_by_customer' } });

const ListRefunds = ListQuery.extend({ payment: z.string().optional() });

@ApiTags('Refunds')
@Controller('v1/refunds')
export class RefundsController {
  constructor(
    private readonly refunds: Refunds,
    private readonly transactions: Transactions,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Refund a payment',
    description: 'Never more than is left of the payment, also when several refunds are asked for at once.',
  })
  @ApiCreatedResponse({ standardSchema: RefundView })
  async create(
    @Body({ schema: CreateRefund }) body: z.infer<typeof CreateRefund>,
    @Req() request: FastifyRequest,
  ): Promise<RefundView> {
    return this.get(await this.refunds.refund(body, requestOf(request)));
  }

  @Get()
  @ApiOperation({ summary: 'List refunds' })
  @ApiOkResponse({ standardSchema: listOf(RefundView) })
  async list(
    @Query({ schema: ListRefunds }) { payment, ...query }: z.infer<typeof ListRefunds>,
  ): Promise<List<RefundView>> {
    const em = this.transactions.reader();
    const rows = em
      .createQueryBuilder(Refund)
      .where({ deleted: false, ...(payment !== undefined && { payment_intent: payment }) });
    const found = await listPage(em, rows, { query, url: '/v1/refunds', created: 'created' });
    return { ...found, data: found.data.map(refundView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Retrieve a refund' })
  @ApiOkResponse({ standardSchema: RefundView })
  async get(@Param('id') id: string): Promise<RefundView> {
    return refundView(await findRefund(this.transactions.reader(), id));
  }
}

/** A repetition under the same Idempotency-Key is the same request; without a key every request is a new one. */
function requestOf({ claim }: FastifyRequest): string {
  return claim === null ? randomUUID() : uuidFrom(`refund ${claim.api_key} ${claim.key} ${claim.fingerprint}`);
}
