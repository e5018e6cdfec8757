import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { NotReady } from './api.errors.js';
import { Public } from './public.js';
import { Readiness } from './readiness.js';

const LiveView = z.object({ status: z.literal('ok') }).meta({ id: 'Live' });
const ReadyView = z
  .object({ status: z.literal('ok'), checks: z.record(z.string(), z.enum(['ok', 'failed'])) })
  .meta({ id: 'Ready' });

@Public()
@ApiTags('Health')
@Controller('health')
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('live')
  @ApiOperation({
    summary: 'Is the process alive?',
    description: 'Nothing else is asked, so that an outage elsewhere does not get it restarted.',
  })
  @Header('Cache-Control', 'no-store')
  @ApiOkResponse({ standardSchema: LiveView })
  live(): z.infer<typeof LiveView> {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    summary: 'Can it take requests?',
    description: '`checks` names each thing that has to work; 503 when one does not.',
  })
  @Header('Cache-Control', 'no-store')
  @ApiOkResponse({ standardSchema: ReadyView })
  async ready(): Promise<z.infer<typeof ReadyView>> {
    const { ready, checks } = await this.readiness.report();
    if (!ready) throw new NotReady({ checks });
    return { status: 'ok', checks };
  }
}
