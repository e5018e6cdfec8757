import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import type { Runtime } from '../../config/runtime.js';
import { ENV } from '../database/env.token.js';
import type { Email } from './email.entity.js';

export type Letter = Pick<Email, 'to' | 'subject' | 'html' | 'text' | 'message_id'>;

/** The SMTP server; without one the mailbox, which nothing leaves. */
@Injectable()
export class Mailer implements OnApplicationShutdown {
  private readonly from: string;
  private readonly smtp: ReturnType<typeof connect> | null;

  constructor(@Inject(ENV) env: Runtime) {
    this.from = env.mail.from;
    this.smtp = env.mail.smtpUrl === null ? null : connect(env.mail.smtpUrl);
  }

  /** @throws what nodemailer throws; see `refusalOf` */
  async deliver({ to, subject, html, text, message_id }: Letter): Promise<'smtp' | 'mailbox'> {
    if (!this.smtp) return 'mailbox';
    await this.smtp.sendMail({
      from: this.from,
      to: { name: '', address: to ?? '' },
      subject: subject ?? '',
      html: html ?? '',
      text: text ?? '',
      messageId: message_id,
      // RFC 3834: keeps holiday notices from answering.
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    return 'smtp';
  }

  onApplicationShutdown(): void {
    this.smtp?.close();
  }
}

/**
 * What the server said if it refused this e-mail for good (a 5xx for its envelope or contents); null for all that may pass:
 * 4xx, no connection, and a login that is refused, which is the operator's fault and not the e-mail's.
 */
export function refusalOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || !('responseCode' in error)) return null;
  const refused = error.code === 'EENVELOPE' || error.code === 'EMESSAGE';
  return refused && Number(error.responseCode) >= 500 ? error.message : null;
}

function connect(url: string) {
  return createTransport({
    url,
    pool: true,
    maxConnections: 3,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
