import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ListQuery, listOf, listPage } from '../../api/list.js';
import type { List } from '../../api/list.js';
import { CustomerIds, externalIdsOf } from '../../customers/customer-ids.js';
import { Transactions } from '../../database/transactions.js';
import { NotFound } from '../../errors/failure.js';
import { DomainEventRow } from '../../events/domain-event.entity.js';
import { domainEvents } from '../../events/domain-events.js';
import type { DomainEventType } from '../../events/domain-events.js';

const types = Object.keys(domainEvents) as [DomainEventType, ...DomainEventType[]];

const EventView = z
  .object({
    object: z.literal('event'),
    id: z.string().meta({ description: 'Also the `webhook-id` of its deliveries.' }),
    type: z.enum(types),
    customer: z.string().nullable(),
    external_id: z.string().nullable(),
    subject: z.string().meta({ description: 'The object that the event is about.' }),
    data: z.record(z.string(), z.unknown()),
    cause: z
      .string()
      .nullable()
      .meta({ description: 'The Stripe event, operation or reconciliation that it follows from.' }),
    occurred_at: z.iso.datetime(),
  })
  .meta({ id: 'Event' });
type EventView = z.infer<typeof EventView>;

const EventsQuery = ListQuery.extend({
  customer: z.string().optional().meta({ description: "Stripe's id, or your own `external_id`." }),
  type: z.enum(types).optional(),
});

/** The same events that webhook endpoints are told of. */
@ApiTags('Events')
@Controller('v1/events')
export class EventsController {
  constructor(
    private readonly transactions: Transactions,
    private readonly customerIds: CustomerIds,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List events', description: 'What has happened, youngest first.' })
  @ApiOkResponse({ standardSchema: listOf(EventView) })
  async list(@Query({ schema: EventsQuery }) filter: z.infer<typeof EventsQuery>): Promise<List<EventView>> {
    const { customer: reference, type, ...query } = filter;
    const em = this.transactions.reader();
    const customer = reference && (await this.customerIds.resolve(em, reference));
    const rows = em.createQueryBuilder(DomainEventRow).where({ ...(customer && { customer }), ...(type && { type }) });
    const found = await listPage(em, rows, { query, url: '/v1/events', created: 'id' });
    const names = await externalIdsOf(em, customersOf(found.data));
    return { ...found, data: found.data.map((row) => view(row, names)) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Retrieve an event' })
  @ApiOkResponse({ standardSchema: EventView })
  async retrieve(@Param('id') id: string): Promise<EventView> {
    const em = this.transactions.reader();
    const row = await em.findOne(DomainEventRow, id);
    if (!row) throw new NotFound('event', id);
    return view(row, await externalIdsOf(em, customersOf([row])));
  }
}

function customersOf(rows: DomainEventRow[]): string[] {
  return rows.flatMap(({ customer }) => customer ?? []);
}

function view(row: DomainEventRow, names: Map<string, string>): EventView {
  const { id, type, customer, object, data, cause, occurred_at } = row;
  const external_id = names.get(customer ?? '') ?? null;
  return {
    object: 'event',
    id,
    type,
    customer,
    external_id,
    subject: object,
    data,
    cause,
    occurred_at: occurred_at.toISOString(),
  };
}
