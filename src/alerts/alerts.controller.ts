import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { listPage, ListQuery } from '../api/list.js';
import { Transactions } from '../database/transactions.js';
import { NotFound } from '../errors/failure.js';
import { Alert } from './alert.entity.js';
import { AlertList, AlertView, alertView } from './alert.view.js';

const AlertQuery = ListQuery.extend({ status: z.enum(['open', 'resolved']).optional() });

/** What the operator was told of. */
@ApiTags('Alerts')
@Controller('v1/alerts')
export class AlertsController {
  constructor(private readonly transactions: Transactions) {}

  @Get()
  @ApiOperation({ summary: 'List alerts', description: 'What `config/alerts.yaml` asks to be told of.' })
  @ApiOkResponse({ standardSchema: AlertList })
  async list(
    @Query({ schema: AlertQuery }) { status, ...query }: z.infer<typeof AlertQuery>,
  ): Promise<z.infer<typeof AlertList>> {
    const em = this.transactions.reader();
    const rows = em.createQueryBuilder(Alert);
    if (status !== undefined) rows.where({ resolved_at: status === 'open' ? null : { $ne: null } });
    const { data, ...page } = await listPage(em, rows, { query, url: '/v1/alerts', created: 'created_at' });
    return { ...page, data: data.map(alertView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'Retrieve an alert' })
  @ApiOkResponse({ standardSchema: AlertView })
  async retrieve(@Param('id') id: string): Promise<z.infer<typeof AlertView>> {
    const alert = await this.transactions.reader().findOne(Alert, { id });
    if (alert === null) throw new NotFound('alert', id);
    return alertView(alert);
  }
}
