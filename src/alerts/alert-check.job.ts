import { Injectable } from '@nestjs/common';
import { Transactions } from '../database/transactions.js';
import { OnJob } from '../jobs/on-job.js';
import { readAlertsFile } from './alerts-file.js';
import { Alerts } from './alerts.js';

@Injectable()
export class AlertCheckJob {
  private readonly file = readAlertsFile();

  constructor(
    private readonly alerts: Alerts,
    private readonly transactions: Transactions,
  ) {}

  @OnJob('alert.check')
  async check(): Promise<void> {
    await this.transactions.run((em) => this.alerts.check(em, this.file));
  }
}
