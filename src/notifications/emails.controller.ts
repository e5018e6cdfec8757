import { Controller, Get, Header, Inject, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import type { Runtime } from '../../config/runtime.js';
import { ListQuery, listOf, listPage } from '../api/list.js';
import type { List } from '../api/list.js';
import { CustomerIds } from '../customers/customer-ids.js';
import { ENV } from '../database/env.token.js';
import { Transactions } from '../database/transactions.js';
import { InvalidInput, NotFound } from '../errors/failure.js';
import { EMAIL_CSP } from './email-csp.js';
import { EmailView, emailView } from './email-view.js';
import { Email } from './email.entity.js';
import { senderOf } from './sender.js';
import { languageNames, Wording } from './wording.js';

const EmailsQuery = ListQuery.extend({
  customer: z.string().optional(),
  status: z.enum(['queued', 'sent', 'failed', 'skipped']).optional(),
});

const PreviewQuery = z.strictObject({
  locale: z.string().default('en').meta({ description: 'BCP 47, e.g. `de-AT`.' }),
});

@ApiTags('E-mails')
@Controller('v1/emails')
export class EmailsController {
  private readonly brand: string;

  constructor(
    private readonly transactions: Transactions,
    private readonly customerIds: CustomerIds,
    @Inject(ENV) env: Runtime,
  ) {
    this.brand = senderOf(env.mail.from).brand;
  }

  @Get()
  @ApiOperation({
    summary: 'List e-mails',
    description: 'Every e-mail that was decided, also those that were not sent, with the reason.',
  })
  @ApiOkResponse({ standardSchema: listOf(EmailView) })
  async list(@Query({ schema: EmailsQuery }) filter: z.infer<typeof EmailsQuery>): Promise<List<EmailView>> {
    const { customer: reference, status, ...query } = filter;
    const em = this.transactions.reader();
    const customer = reference && (await this.customerIds.resolve(em, reference));
    const rows = em.createQueryBuilder(Email).where({ ...(customer && { customer }), ...(status && { status }) });
    const found = await listPage(em, rows, { query, url: '/v1/emails', created: 'created_at' });
    return { ...found, data: found.data.map(emailView) };
  }

  @Get('preview/:template')
  @ApiOperation({ summary: 'Preview a template', description: 'The template as HTML, filled with sample values.' })
  @ApiProduces('text/html')
  @ApiOkResponse({ description: 'The e-mail’s HTML.' })
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', EMAIL_CSP)
  async preview(
    @Param('template') template: string,
    @Query({ schema: PreviewQuery }) { locale }: z.infer<typeof PreviewQuery>,
  ): Promise<string> {
    const { isEffect, templates } = await import('./templates.js');
    if (!isEffect(template)) throw new NotFound('e-mail template', template);
    const words = new Wording(locale);
    if (!locale.startsWith(words.locale)) {
      throw new InvalidInput([{ pointer: 'locale', detail: `There are words in ${languageNames.join(', ')} only.` }]);
    }
    const { renderEmail } = await import('./render-email.js');
    const setting = { words, brand: this.brand, name: 'Ada Lovelace' };
    return (await renderEmail(template, templates[template].sample, setting)).html;
  }
}
