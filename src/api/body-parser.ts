import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { RawServerDefault } from 'fastify';

/** JSON alone. Nest keeps the bytes as well: a request under an Idempotency-Key is known again by them. */
export function parseBodies(app: NestFastifyApplication): void {
  const parseJson = app.getHttpAdapter().getInstance().getDefaultJsonParser('error', 'error');
  app.useBodyParser<RawServerDefault>(
    'application/json',
    {},
    (request, body, done) => void parseJson(request, body.toString('utf8'), done),
  );
}
