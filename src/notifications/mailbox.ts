import { Injectable } from '@nestjs/common';
import type { List, ListQuery } from '../api/list.js';
import { listPage } from '../api/list.js';
import { CustomerIds } from '../customers/customer-ids.js';
import { Transactions } from '../database/transactions.js';
import { NotFound } from '../errors/failure.js';
import { Email } from './email.entity.js';

export interface MailboxFilter {
  to?: string;
  /** Stripe's id, or the SaaS's own. */
  customer?: string;
}

/** What came into the mailbox that stands in for an SMTP server. */
@Injectable()
export class Mailbox {
  constructor(
    private readonly transactions: Transactions,
    private readonly customerIds: CustomerIds,
  ) {}

  /** @throws CustomerNotFound */
  async list({ to, customer: reference }: MailboxFilter, query: ListQuery): Promise<List<Email>> {
    const em = this.transactions.reader();
    const customer = reference && (await this.customerIds.resolve(em, reference));
    const rows = em
      .createQueryBuilder(Email)
      .where({ via: 'mailbox', ...(to && { to }), ...(customer && { customer }) });
    return listPage(em, rows, { query, url: '/v1/mailbox', created: 'created_at' });
  }

  /** @throws NotFound */
  async get(id: string): Promise<Email> {
    const email = await this.transactions.reader().findOne(Email, { id, via: 'mailbox' });
    if (!email) throw new NotFound('e-mail', id);
    return email;
  }
}
