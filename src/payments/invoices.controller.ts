import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ListQuery, listOf, listPage } from '../api/list.js';
import type { List } from '../api/list.js';
import { CustomerIds } from '../customers/customer-ids.js';
import { Transactions } from '../database/transactions.js';
import { NotFound } from '../errors/failure.js';
import { InvoiceView, invoiceView } from './invoice-view.js';
import { Invoice } from './invoice.entity.js';

const ListInvoices = ListQuery.extend({
  status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']).optional(),
  subscription: z.string().optional(),
});

@ApiTags('Invoices')
@Controller('v1')
export class InvoicesController {
  constructor(
    private readonly customerIds: CustomerIds,
    private readonly transactions: Transactions,
  ) {}

  @Get('customers/:customer/invoices')
  @ApiOperation({ summary: 'List the invoices of a customer' })
  @ApiOkResponse({ standardSchema: listOf(InvoiceView) })
  async list(
    @Param('customer') reference: string,
    @Query({ schema: ListInvoices }) { status, subscription, ...query }: z.infer<typeof ListInvoices>,
  ): Promise<List<InvoiceView>> {
    const em = this.transactions.reader();
    const customer = await this.customerIds.resolve(em, reference);
    const rows = em.createQueryBuilder(Invoice).where({
      customer,
      deleted: false,
      ...(status !== undefined && { status }),
      ...(subscription !== undefined && { subscription }),
    });
    const found = await listPage(em, rows, { query, url: `/v1/customers/${customer}/invoices`, created: 'created' });
    return { ...found, data: found.data.map(invoiceView) };
  }

  @Get('invoices/:id')
  @ApiOperation({ summary: 'Retrieve an invoice' })
  @ApiOkResponse({ standardSchema: InvoiceView })
  async get(@Param('id') id: string): Promise<InvoiceView> {
    const em = this.transactions.reader();
    const invoice = await em.findOne(Invoice, { id, deleted: false }, { populate: ['data'] });
    if (!invoice) throw new NotFound('invoice', id);
    return invoiceView(invoice);
  }
}
