import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Transactions } from '../../database/transactions.js';
import { readMetrics } from './webhook-metrics.js';
import { figuresView, WebhookMetricsView } from './webhook-metrics.view.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LONGEST_MS = 93 * DAY_MS;

const moment = z.iso.datetime({ offset: true }).optional();

const MetricsQuery = z
  .strictObject({
    from: moment.meta({ description: 'Default: a day before `to`.' }),
    to: moment.meta({ description: 'Default: now.' }),
    by: z.enum(['type', 'hour']).optional(),
  })
  .transform(({ from, to, by }) => ({ ...wholeHours(from, to), by: by ?? null }))
  .refine(({ from, to }) => to > from, { path: ['to'], error: 'Must be later than `from`.' })
  .refine(({ from, to }) => to.getTime() - from.getTime() <= LONGEST_MS, {
    path: ['from'],
    error: 'The window may be 93 days long.',
  });

/** How receiving Stripe's events goes. */
@ApiTags('Stripe events')
@Controller('v1/webhooks/metrics')
export class WebhookMetricsController {
  constructor(private readonly transactions: Transactions) {}

  @Get()
  @ApiOperation({
    summary: 'Read the figures of received events',
    description: 'Of what was received in a window of whole hours, by real time; in all, and by type or hour.',
  })
  @ApiOkResponse({ standardSchema: WebhookMetricsView })
  async read(
    @Query({ schema: MetricsQuery }) window: z.infer<typeof MetricsQuery>,
  ): Promise<z.infer<typeof WebhookMetricsView>> {
    const { total, groups } = await readMetrics(this.transactions.reader(), window);
    return {
      object: 'webhook_metrics',
      from: window.from.toISOString(),
      to: window.to.toISOString(),
      by: window.by,
      total: figuresView(total),
      data: groups.map((figures) => ({ key: figures.key, ...figuresView(figures) })),
    };
  }
}

/** What leaves no row of its own is counted by the hour, so the window is widened to whole ones. */
function wholeHours(from: string | undefined, to: string | undefined): { from: Date; to: Date } {
  const end = to === undefined ? new Date() : new Date(to);
  const begin = from === undefined ? new Date(end.getTime() - DAY_MS) : new Date(from);
  return {
    from: new Date(Math.floor(begin.getTime() / HOUR_MS) * HOUR_MS),
    to: new Date(Math.ceil(end.getTime() / HOUR_MS) * HOUR_MS),
  };
}
