import { Global, Module } from '@nestjs/common';
import type { DynamicModule, LoggerService, Provider, Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule } from '@nestjs/testing';
import { ScheduleModule } from '@nestjs/schedule';
import { readEnv } from '../../config/env.js';
import type { Runtime } from '../../config/runtime.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { ENV } from '../../src/database/env.token.js';
import { EventsModule } from '../../src/events/events.module.js';
import { JobsModule } from '../../src/jobs/jobs.module.js';
import { cloneDatabase } from './database.js';

export interface Room {
  module: TestingModule;
  runtime: Runtime;
  get<T>(type: Type<T>): T;
  close(): Promise<void>;
}

const silent: LoggerService = { log() {}, error() {}, warn() {}, debug() {}, verbose() {}, fatal() {} };

@Global()
@Module({})
class Environment {}

/** Database, jobs and events with the given providers: what tests of those rooms need, and no more; as a replica on a shared database. */
export async function openRoom(providers: Provider[] = [], shared?: { url: string }): Promise<Room> {
  const database = shared ?? (await cloneDatabase());
  const env = readEnv({ NODE_ENV: 'test', DATABASE_URL: database.url, LOG_LEVEL: 'silent' });
  const runtime: Runtime = { ...env, database, stripe: { ...env.stripe, secretKey: 'sk_test_room', sandboxUrl: null } };
  const environment: DynamicModule = {
    module: Environment,
    providers: [{ provide: ENV, useValue: runtime }],
    exports: [ENV],
  };
  const module = await Test.createTestingModule({
    imports: [environment, ScheduleModule.forRoot(), DatabaseModule, JobsModule, EventsModule],
    providers,
  })
    .setLogger(silent)
    .compile();
  await module.init();
  return {
    module,
    runtime,
    get: (type) => module.get(type, { strict: false }),
    close: () => module.close(),
  };
}
