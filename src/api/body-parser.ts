import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { RawServerDefault } from 'fastify';

/**
 * JSON is parsed for the API alone. Webhooks' bodies stay bytes: they are verified before anything reads them, and signed
 * bytes that are no JSON must be kept, not refused.
 */
export function parseBodies(app: NestFastifyApplication): void {
  const parseJson = app.getHttpAdapter().getInstance().getDefaultJsonParser('error', 'error');
  app.useBodyParser<RawServerDefault>('application/json', {}, (request, body, done) => {
    if (request.url?.startsWith('/webhooks/')) done(null, undefined);
    else void parseJson(request, body.toString('utf8'), done);
  });
}
