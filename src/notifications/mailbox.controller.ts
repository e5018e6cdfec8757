import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { ListQuery, listOf } from '../api/list.js';
import type { List } from '../api/list.js';
import { EmailView, emailView } from './email-view.js';
import { MailboxGuard } from './mailbox.guard.js';
import { Mailbox } from './mailbox.js';

const MailboxQuery = ListQuery.extend({
  to: z.string().optional().meta({ description: 'An e-mail address.' }),
  customer: z.string().optional(),
});

@ApiTags('Mailbox')
@UseGuards(MailboxGuard)
@Controller('v1/mailbox')
export class MailboxController {
  constructor(private readonly mailbox: Mailbox) {}

  @Get()
  @ApiOperation({
    summary: 'Read the mailbox',
    description: 'Without SMTP_URL nothing leaves: every e-mail comes here.',
  })
  @ApiOkResponse({ standardSchema: listOf(EmailView) })
  async list(@Query({ schema: MailboxQuery }) filter: z.infer<typeof MailboxQuery>): Promise<List<EmailView>> {
    const { to, customer, ...query } = filter;
    const found = await this.mailbox.list({ to, customer }, query);
    return { ...found, data: found.data.map(emailView) };
  }
}
