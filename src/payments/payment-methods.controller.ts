import { Body, Controller, Delete, Get, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { EntityManager } from '@mikro-orm/postgresql';
import { z } from 'zod';
import { ListQuery, listOf, listPage } from '../api/list.js';
import type { List } from '../api/list.js';
import { CustomerIds } from '../customers/customer-ids.js';
import type { Customer } from '../customers/customer.entity.js';
import { findCustomer } from '../customers/customers.js';
import { Transactions } from '../database/transactions.js';
import {
  AttachedPaymentMethodView,
  DetachedPaymentMethodView,
  PaymentMethodView,
  paymentMethodView,
  retriedInvoiceView,
} from './payment-method-view.js';
import { PaymentMethod } from './payment-method.entity.js';
import { findPaymentMethod, PaymentMethods } from './payment-methods.js';

const AttachPaymentMethod = z
  .strictObject({
    payment_method: z.string().min(1).meta({ description: "Stripe's id, as Stripe.js made it: pm_…" }),
    make_default: z
      .boolean()
      .default(true)
      .meta({ description: 'Pay invoices with it from now on, and unpaid ones at once.' }),
  })
  .meta({ id: 'AttachPaymentMethod', example: { payment_method: 'pm_card_visa' } });

@ApiTags('Payment methods')
@Controller('v1/customers/:customer/payment_methods')
export class PaymentMethodsController {
  constructor(
    private readonly customerIds: CustomerIds,
    private readonly paymentMethods: PaymentMethods,
    private readonly transactions: Transactions,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Attach a payment method',
    description:
      'Invoices whose payment had failed are paid with the new default at once; the answer says what came of each.',
  })
  @ApiCreatedResponse({ standardSchema: AttachedPaymentMethodView })
  async attach(
    @Param('customer') reference: string,
    @Body({ schema: AttachPaymentMethod }) { payment_method, make_default }: z.infer<typeof AttachPaymentMethod>,
  ): Promise<AttachedPaymentMethodView> {
    const { id: customer } = await this.find(this.transactions.reader(), reference);
    const id = await this.paymentMethods.attach(customer, payment_method);
    if (make_default) await this.paymentMethods.makeDefault(customer, id);
    const retried = make_default ? await this.paymentMethods.payFailedInvoices(customer, id) : [];
    const em = this.transactions.reader();
    const { default_payment_method } = await findCustomer(em, customer);
    const view = paymentMethodView(await findPaymentMethod(em, customer, id), default_payment_method);
    return { ...view, retried_invoices: retried.map(retriedInvoiceView) };
  }

  @Get()
  @ApiOperation({ summary: 'List the payment methods of a customer' })
  @ApiOkResponse({ standardSchema: listOf(PaymentMethodView) })
  async list(
    @Param('customer') reference: string,
    @Query({ schema: ListQuery }) query: ListQuery,
  ): Promise<List<PaymentMethodView>> {
    const em = this.transactions.reader();
    const { id: customer, default_payment_method } = await this.find(em, reference);
    const rows = em.createQueryBuilder(PaymentMethod).where({ customer, deleted: false });
    const found = await listPage(em, rows, {
      query,
      url: `/v1/customers/${customer}/payment_methods`,
      created: 'created',
    });
    return { ...found, data: found.data.map((row) => paymentMethodView(row, default_payment_method)) };
  }

  @Delete(':id')
  @ApiOperation({
    summary: 'Detach a payment method',
    description: 'For good: a detached method cannot be used again.',
  })
  @ApiOkResponse({ standardSchema: DetachedPaymentMethodView })
  async detach(@Param('customer') reference: string, @Param('id') id: string): Promise<DetachedPaymentMethodView> {
    const { id: customer } = await this.find(this.transactions.reader(), reference);
    await this.paymentMethods.detach(customer, id);
    return { id, object: 'payment_method', detached: true };
  }

  private async find(em: EntityManager, reference: string): Promise<Customer> {
    return findCustomer(em, await this.customerIds.resolve(em, reference));
  }
}
