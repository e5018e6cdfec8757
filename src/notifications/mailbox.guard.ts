import { Inject, Injectable } from '@nestjs/common';
import type { CanActivate } from '@nestjs/common';
import type { Runtime } from '../../config/runtime.js';
import { ENV } from '../database/env.token.js';
import { NotFound } from '../errors/failure.js';

/** The mailbox can be read without a key, so it is there only when it takes the place of an SMTP server. */
@Injectable()
export class MailboxGuard implements CanActivate {
  constructor(@Inject(ENV) private readonly env: Runtime) {}

  canActivate(): true {
    if (this.env.mail.smtpUrl !== null || this.env.nodeEnv === 'production') throw new NotFound('mailbox', 'here');
    return true;
  }
}
