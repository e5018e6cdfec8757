import { Module } from '@nestjs/common';
import { AccessEmails } from './access-emails.listener.js';
import { AlertEmails } from './alert-emails.listener.js';
import { Dunning } from './dunning.js';
import { DunningJob } from './dunning.job.js';
import { DunningListener } from './dunning.listener.js';
import { EmailJob } from './email.job.js';
import { EmailsController } from './emails.controller.js';
import { Emails } from './emails.js';
import { FailedPayments } from './failed-payments.listener.js';
import { MailboxController } from './mailbox.controller.js';
import { MailboxPagesController } from './mailbox-pages.controller.js';
import { Mailbox } from './mailbox.js';
import { Mailer } from './mailer.js';
import { Receipts } from './receipts.listener.js';
import { SubscriptionEmails } from './subscription-emails.listener.js';

/** E-mails to customers: decided by listeners, sent by a job. */
@Module({
  controllers: [EmailsController, MailboxController, MailboxPagesController],
  providers: [
    AccessEmails,
    AlertEmails,
    Dunning,
    DunningJob,
    DunningListener,
    EmailJob,
    Emails,
    FailedPayments,
    Mailbox,
    Mailer,
    Receipts,
    SubscriptionEmails,
  ],
})
export class NotificationsModule {}
