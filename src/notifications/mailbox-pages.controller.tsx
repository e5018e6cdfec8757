import { Controller, Get, Header, Param, Query, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { z } from 'zod';
import { Public } from '../api/public.js';
import { EMAIL_CSP } from './email-csp.js';
import { MailboxGuard } from './mailbox.guard.js';
import { Mailbox } from './mailbox.js';
import { ListPage, MessagePage, pageOf } from './mailbox-pages.js';

const PageQuery = z.strictObject({
  to: z.string().optional(),
  customer: z.string().optional(),
  starting_after: z.string().optional(),
});

/** The mailbox for a person; the guard keeps it out of production. */
@Public()
@ApiExcludeController()
@UseGuards(MailboxGuard)
@Controller('mailbox')
export class MailboxPagesController {
  constructor(private readonly mailbox: Mailbox) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  async list(@Query({ schema: PageQuery }) { starting_after, ...filter }: z.infer<typeof PageQuery>): Promise<string> {
    const { data, has_more } = await this.mailbox.list(filter, { limit: 50, starting_after });
    return pageOf(<ListPage emails={data} hasMore={has_more} filter={filter} />);
  }

  @Get(':id')
  @Header('Content-Type', 'text/html; charset=utf-8')
  async message(@Param('id') id: string): Promise<string> {
    return pageOf(<MessagePage email={await this.mailbox.get(id)} />);
  }

  @Get(':id/html')
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Content-Security-Policy', EMAIL_CSP)
  async html(@Param('id') id: string): Promise<string> {
    return (await this.mailbox.get(id)).html ?? '';
  }
}
