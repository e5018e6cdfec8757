import { Global, Module } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Logger, LoggerModule } from 'nestjs-pino';
import { readEnv } from '../../config/env.js';
import { ApiKeys } from '../../src/api/api-keys.js';
import { ApiModule } from '../../src/api/api.module.js';
import { parseBodies } from '../../src/api/body-parser.js';
import { configureHttp, httpAdapter } from '../../src/api/http.js';
import { logging } from '../../src/api/logging.js';
import { setupOpenApi } from '../../src/api/openapi.js';
import { DatabaseModule } from '../../src/database/database.module.js';
import { ENV } from '../../src/database/env.token.js';
import { cloneDatabase } from '../support/database.js';
import { ThingsController } from './things.controller.js';

export interface ApiApp {
  app: NestFastifyApplication;
  databaseUrl: string;
  /** An API key with every scope. */
  key: string;
  /** Every log line so far, as it was written. */
  logLines: string[];
  /** One request; a body is sent as JSON. */
  call(method: Method, url: string, options?: CallOptions): Promise<Answer>;
  get<T>(token: Type<T>): T;
  close(): Promise<void>;
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'OPTIONS' | 'HEAD';

export interface CallOptions {
  body?: unknown;
  /** Sent as it is. */
  rawBody?: string;
  headers?: Record<string, string>;
  key?: string | null;
}

export interface Answer {
  status: number;
  headers: Record<string, string>;
  text: string;
  /** The parsed text. */
  json: Record<string, unknown>;
}

/** The API's manners around one small controller, on a database of its own. */
export async function startApiApp(environment: Record<string, string> = {}): Promise<ApiApp> {
  const database = await cloneDatabase();
  const env = readEnv({ ...environment, DATABASE_URL: database.url });
  const logLines: string[] = [];

  @Global()
  @Module({ providers: [{ provide: ENV, useValue: env }], exports: [ENV] })
  class EnvModule {}

  const moduleRef = await Test.createTestingModule({
    imports: [
      EnvModule,
      LoggerModule.forRoot(logging('debug', { write: (line) => void logLines.push(line) })),
      DatabaseModule,
      ApiModule,
    ],
    controllers: [ThingsController],
  }).compile();
  const app = moduleRef.createNestApplication<NestFastifyApplication>(httpAdapter(), {
    rawBody: true,
    bodyParser: false,
  });
  app.useLogger(app.get(Logger));
  parseBodies(app);
  configureHttp(app);
  setupOpenApi(app);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  const key = await app.get(ApiKeys).createForDevelopment();

  return {
    app,
    databaseUrl: database.url,
    key,
    logLines,
    get: (token) => app.get(token),
    call: (method, url, options = {}) => call(app, method, url, { key, ...options }),
    close: () => app.close(),
  };
}

async function call(app: NestFastifyApplication, method: Method, url: string, options: CallOptions): Promise<Answer> {
  const { key, body, rawBody, headers } = options;
  const payload = rawBody ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await app.inject({
    method,
    url,
    headers: {
      ...(key ? { authorization: `Bearer ${key}` } : {}),
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(payload === undefined ? {} : { payload }),
  });
  return {
    status: response.statusCode,
    headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
    text: response.body,
    json: parsed(response.body),
  };
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
