import { Module } from '@nestjs/common';
import { AlertCheckJob } from './alert-check.job.js';
import { AlertsController } from './alerts.controller.js';
import { Alerts } from './alerts.js';

@Module({ controllers: [AlertsController], providers: [AlertCheckJob, Alerts] })
export class AlertsModule {}
