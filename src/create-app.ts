import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger } from 'nestjs-pino';
import type { Runtime } from '../config/runtime.js';
import { parseBodies } from './api/body-parser.js';
import { configureHttp, httpAdapter } from './api/http.js';
import { setupOpenApi } from './api/openapi.js';
import type { DirectRoutes } from './api/server.js';
import { apiSections } from './api-sections.js';
import { AppModule } from './app.module.js';
import { InboundEndpoints } from './webhooks/inbound/inbound-endpoints.js';

/** The whole application, not yet listening. The database is migrated before. */
export async function createApp(runtime: Runtime): Promise<NestFastifyApplication> {
  const direct: DirectRoutes = new Map();
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.for(runtime), httpAdapter(direct), {
    rawBody: true,
    // Nest's own would take forms as well.
    bodyParser: false,
    bufferLogs: true,
    abortOnError: false,
  });
  app.useLogger(app.get(Logger));
  parseBodies(app);
  configureHttp(app);
  await app.get(InboundEndpoints).open(direct);
  setupOpenApi(app, apiSections);
  return app;
}
