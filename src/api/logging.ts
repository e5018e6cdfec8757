import type { Params } from 'nestjs-pino';
import { stdTimeFunctions } from 'pino';
import type { DestinationStream, LoggerOptions } from 'pino';
import type { Env } from '../../config/env.js';
import { traceFields } from '../telemetry/tracing.js';
import { currentContext } from './request-context.js';
import { scrubText, scrubValue } from './scrub.js';

/**
 * For `LoggerModule.forRoot(logging(env.logLevel))`: JSON lines with the context's request, event and customer id, and
 * without secrets. Requests themselves are logged by `configureHttp`, so no route gets pino-http's middleware.
 */
export function logging(level: Env['logLevel'], stream?: DestinationStream): Params {
  const options: LoggerOptions = {
    level,
    // Milliseconds since 1970 have as many digits as a card number.
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => ({ ...currentContext(), ...traceFields() }),
    hooks: { streamWrite: scrubLine },
  };
  return { forRoutes: [], pinoHttp: stream === undefined ? options : [options, stream] };
}

/** The finished line, so that nothing gets past: messages, stacks, nested objects, bindings. */
export function scrubLine(line: string): string {
  try {
    return `${JSON.stringify(scrubValue(JSON.parse(line)))}\n`;
  } catch {
    return scrubText(line);
  }
}
