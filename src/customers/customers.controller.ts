import { Body, Controller, Delete, Get, HttpStatus, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ListQuery, listOf, listPage } from '../api/list.js';
import type { List } from '../api/list.js';
import { Transactions } from '../database/transactions.js';
import { CustomerIds, externalIdsOf } from './customer-ids.js';
import { CustomerView, DeletedCustomerView, customerView } from './customer-view.js';
import { Customer } from './customer.entity.js';
import { Customers, findCustomer } from './customers.js';

const externalId = z
  .string()
  .min(1)
  .max(200)
  .refine((id) => !id.startsWith('cus_'), 'May not begin with cus_, as the ids of Stripe do.')
  .refine(
    (id) => !/\p{C}|^\s|\s$|^\.{1,2}$/u.test(id),
    'May not hold control characters, begin or end with a space, or be . or ..',
  )
  .meta({ description: 'Your own id for the customer, unique.' });
const email = z.email().max(512);
const name = z.string().min(1).max(256);
const locale = z.string().refine(isLocale, 'Expected a BCP 47 language tag, such as en or de-AT.');
// https://docs.stripe.com/metadata#data
const metadataKey = z
  .string()
  .min(1)
  .max(40)
  .refine((key) => key !== 'external_id', 'Give external_id as a field of its own.');
const metadataValue = z.string().max(500);

const CreateCustomer = z
  .strictObject({
    external_id: externalId.optional(),
    email: email.optional(),
    name: name.optional(),
    locale: locale.optional(),
    metadata: z.record(metadataKey, metadataValue).optional(),
  })
  .meta({
    id: 'CreateCustomer',
    example: { external_id: 'user_42', email: 'mary@example.com', name: 'Mary Jackson', locale: 'en' },
  });

const UpdateCustomer = z
  .strictObject({
    email: email.nullish(),
    name: name.nullish(),
    locale: locale.optional(),
    metadata: z
      .record(metadataKey, metadataValue.nullable())
      .optional()
      .meta({ description: 'Keys that are not named stay; null removes one.' }),
  })
  .meta({ id: 'UpdateCustomer', example: { name: 'Ada King', metadata: { team: 'analytical-engine' } } });

const ListCustomers = ListQuery.extend({ external_id: z.string().optional(), email: z.string().optional() });

@ApiTags('Customers')
@Controller('v1/customers')
export class CustomersController {
  constructor(
    private readonly customers: Customers,
    private readonly customerIds: CustomerIds,
    private readonly transactions: Transactions,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Create a customer',
    description:
      'With an `external_id` that a customer already has, that customer is answered as it is (200), and none is created.',
  })
  @ApiCreatedResponse({ standardSchema: CustomerView })
  @ApiOkResponse({ standardSchema: CustomerView, description: 'The customer who has this external_id already.' })
  async create(
    @Body({ schema: CreateCustomer }) { external_id, ...fields }: z.infer<typeof CreateCustomer>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CustomerView> {
    const { id, created } = await this.customers.create(external_id, fields);
    reply.status(created ? HttpStatus.CREATED : HttpStatus.OK);
    return this.show(this.transactions.reader(), id);
  }

  @Get()
  @ApiOperation({ summary: 'List customers' })
  @ApiOkResponse({ standardSchema: listOf(CustomerView) })
  async list(
    @Query({ schema: ListCustomers }) { external_id, email: address, ...query }: z.infer<typeof ListCustomers>,
  ): Promise<List<CustomerView>> {
    const em = this.transactions.reader();
    const rows = em.createQueryBuilder(Customer).where({ deleted: false });
    if (external_id !== undefined)
      rows.andWhere('id = (select customer from external_ids where external_id = ?)', [external_id]);
    if (address !== undefined) rows.andWhere('lower(email) = lower(?)', [address]);
    const found = await listPage(em, rows, { query, url: '/v1/customers', created: 'created' });
    const externalIds = await externalIdsOf(
      em,
      found.data.map(({ id }) => id),
    );
    return { ...found, data: found.data.map((row) => customerView(row, externalIds.get(row.id) ?? null)) };
  }

  @Get(':customer')
  @ApiOperation({ summary: 'Retrieve a customer' })
  @ApiOkResponse({ standardSchema: CustomerView })
  async get(@Param('customer') customer: string): Promise<CustomerView> {
    const em = this.transactions.reader();
    return this.show(em, await this.customerIds.resolve(em, customer));
  }

  @Patch(':customer')
  @ApiOperation({ summary: 'Update a customer', description: 'Fields that are not named stay as they are.' })
  @ApiOkResponse({ standardSchema: CustomerView })
  async update(
    @Param('customer') customer: string,
    @Body({ schema: UpdateCustomer }) fields: z.infer<typeof UpdateCustomer>,
  ): Promise<CustomerView> {
    const { id } = await this.find(customer);
    await this.customers.update(id, fields);
    return this.show(this.transactions.reader(), id);
  }

  @Delete(':customer')
  @ApiOperation({
    summary: 'Delete a customer',
    description: 'Ends their subscriptions at once and cannot be undone. Their `external_id` is free again.',
  })
  @ApiOkResponse({ standardSchema: DeletedCustomerView })
  async delete(@Param('customer') customer: string): Promise<DeletedCustomerView> {
    const { id } = await this.find(customer);
    await this.customers.delete(id);
    return { id, object: 'customer', deleted: true };
  }

  private async find(reference: string): Promise<Customer> {
    const em = this.transactions.reader();
    return findCustomer(em, await this.customerIds.resolve(em, reference));
  }

  private async show(em: EntityManager, id: string): Promise<CustomerView> {
    const externalIds = await externalIdsOf(em, [id]);
    return customerView(await findCustomer(em, id), externalIds.get(id) ?? null);
  }
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
