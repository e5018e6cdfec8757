import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { checkCursor } from '../api/list.js';
import { Transactions } from '../database/transactions.js';
import { NotFound } from '../errors/failure.js';
import { DomainEventRow } from './domain-event.entity.js';
import { domainEvents } from './domain-events.js';
import type { DomainEventType } from './domain-events.js';

const types = Object.keys(domainEvents) as [DomainEventType, ...DomainEventType[]];

const EventView = z
  .object({
    object: z.literal('event'),
    id: z.string(),
    type: z.enum(types),
    customer: z.string().nullable(),
    subject: z.string().meta({ description: 'The object that the event is about.' }),
    data: z.record(z.string(), z.unknown()),
    cause: z
      .string()
      .nullable()
      .meta({ description: 'The Stripe event, operation or reconciliation that it follows from.' }),
    occurred_at: z.iso.datetime(),
  })
  .meta({ id: 'Event' });

const EventList = z
  .object({ object: z.literal('list'), url: z.string(), has_more: z.boolean(), data: z.array(EventView) })
  .meta({ id: 'EventList' });

const ListEvents = z.strictObject({
  customer: z
    .string()
    .startsWith('cus_', 'Expected Stripe’s id of a customer: cus_…')
    .optional()
    .meta({ description: "Stripe's id." }),
  type: z.enum(types).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(10),
  starting_after: z.string().optional(),
});

/** What has happened, newest first. */
@ApiTags('Events')
@Controller('v1/events')
export class EventsController {
  constructor(private readonly transactions: Transactions) {}

  @Get()
  @ApiOperation({ summary: 'List events', description: 'What has happened, youngest first.' })
  @ApiOkResponse({ standardSchema: EventList })
  async list(@Query({ schema: ListEvents }) query: z.infer<typeof ListEvents>): Promise<z.infer<typeof EventList>> {
    const { customer, type, limit, starting_after } = query;
    const em = this.transactions.reader();
    if (starting_after !== undefined) await checkCursor(em, '"domain_events"', starting_after, 'starting_after');
    const rows = await em.find(
      DomainEventRow,
      {
        ...(customer && { customer }),
        ...(type && { type }),
        ...(starting_after && { id: { $lt: starting_after } }),
      },
      { orderBy: { id: 'desc' }, limit: limit + 1 },
    );
    return { object: 'list', url: '/v1/events', has_more: rows.length > limit, data: rows.slice(0, limit).map(view) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Retrieve an event' })
  @ApiOkResponse({ standardSchema: EventView })
  async retrieve(@Param('id') id: string): Promise<z.infer<typeof EventView>> {
    const row = await this.transactions.reader().findOne(DomainEventRow, id);
    if (!row) throw new NotFound('event', id);
    return view(row);
  }
}

function view(row: DomainEventRow): z.infer<typeof EventView> {
  const { id, type, customer, object, data, cause, occurred_at } = row;
  return { object: 'event', id, type, customer, subject: object, data, cause, occurred_at: occurred_at.toISOString() };
}
