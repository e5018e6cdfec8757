import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { z } from 'zod';
import { listPage, ListQuery } from '../api/list.js';
import { Transactions } from '../database/transactions.js';
import { NotFound } from '../errors/failure.js';
import { Difference } from './difference.entity.js';
import { Reconciliation } from './reconciliation.entity.js';
import {
  CreateReconciliation,
  DifferenceList,
  differenceView,
  ReconciliationList,
  ReconciliationView,
  reconciliationView,
} from './reconciliation.view.js';
import { Reconciliations } from './reconciliations.js';

type View = z.infer<typeof ReconciliationView>;

/** Comparing with Stripe, and what was found. */
@ApiTags('Reconciliations')
@Controller('v1/reconciliations')
export class ReconciliationsController {
  constructor(
    private readonly reconciliations: Reconciliations,
    private readonly transactions: Transactions,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Start a reconciliation',
    description:
      'Begins one now and answers at once. Events of the last two minutes are reported too, though they may have been on their way.',
  })
  @HttpCode(202)
  @ApiAcceptedResponse({ standardSchema: ReconciliationView })
  async create(@Body({ schema: CreateReconciliation }) order: z.infer<typeof CreateReconciliation>): Promise<View> {
    const run = await this.transactions.run((em) => this.reconciliations.open(em, { ...order, everything: true }));
    return reconciliationView(run);
  }

  @Get()
  @ApiOperation({ summary: 'List reconciliations' })
  @ApiOkResponse({ standardSchema: ReconciliationList })
  async list(@Query({ schema: ListQuery }) query: ListQuery): Promise<z.infer<typeof ReconciliationList>> {
    const em = this.transactions.reader();
    const listing = { query, url: '/v1/reconciliations', created: 'created_at' } as const;
    const { data, ...page } = await listPage(em, em.createQueryBuilder(Reconciliation), listing);
    return { ...page, data: data.map(reconciliationView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Retrieve a reconciliation' })
  @ApiOkResponse({ standardSchema: ReconciliationView })
  async retrieve(@Param('id') id: string): Promise<View> {
    return reconciliationView(await find(this.transactions.reader(), id));
  }

  @Get(':id/differences')
  @ApiOperation({ summary: 'List what a reconciliation found' })
  @ApiOkResponse({ standardSchema: DifferenceList })
  async differences(
    @Param('id') id: string,
    @Query({ schema: ListQuery }) query: ListQuery,
  ): Promise<z.infer<typeof DifferenceList>> {
    const em = this.transactions.reader();
    const { id: reconciliation } = await find(em, id);
    const listing = { query, url: `/v1/reconciliations/${id}/differences`, created: 'created_at' } as const;
    const { data, ...page } = await listPage(em, em.createQueryBuilder(Difference).where({ reconciliation }), listing);
    return { ...page, data: data.map(differenceView) };
  }
}

async function find(em: EntityManager, id: string): Promise<Reconciliation> {
  const run = await em.findOne(Reconciliation, id);
  if (!run) throw new NotFound('reconciliation', id);
  return run;
}
