import { z } from 'zod';
import type { Arming } from '../src/failpoints/failpoint.js';
import { checkSecretKey, failpoint, webhookSecrets, oneOf, port, url, wholeNumber } from './env-fields.js';
import { blankSecrets, contradictions, modeOf, withoutBlanks, type Source } from './env-rules.js';

export interface Env {
  nodeEnv: 'development' | 'test' | 'production';
  role: 'all' | 'web' | 'worker';
  http: { host: string; port: number; publicUrl: string | null };
  /** Null: the embedded PostgreSQL. */
  database: { url: string | null };
  /** A `secretKey` of null: the sandbox, on `sandboxPort`. */
  stripe: {
    secretKey: string | null;
    webhookSecrets: string[];
    /** Of the endpoint for connected accounts; none: it takes nothing. */
    connectWebhookSecrets: string[];
    mode: 'test' | 'live';
    sandboxPort: number;
  };
  /** An `smtpUrl` of null: the mailbox. */
  mail: { smtpUrl: string | null; from: string };
  bootstrapApiKey: string | null;
  /** The OpenTelemetry collector that traces go to; null: there are none. */
  otlpEndpoint: string | null;
  /** Whom alerts go to; null: nobody. */
  alertEmail: string | null;
  /** Opens `/metrics`; null: it is open to this machine alone, and in production to nobody. */
  metricsToken: string | null;
  /** How many days of real time is kept: the bytes of handled events; the inbox's ids and domain events; reconciliations. */
  retention: { payloadDays: number; eventDays: number; reconciliationDays: number };
  dataDir: string;
  logLevel: (typeof LOG_LEVELS)[number];
  shutdownTimeoutMs: number;
  /** Where the process is to be killed, for tests; null: nowhere. */
  failpoint: Arming | null;
}

/** The environment is at fault; `message` has one line per fault, none of which repeats a value. */
export class EnvError extends Error {
  readonly code = 'invalid_environment';
  readonly faults: string[];

  constructor(faults: string[]) {
    super(faults.join('\n'));
    this.name = 'EnvError';
    this.faults = faults;
  }
}

/**
 * Checks the whole environment, and reports all of its faults at once.
 * @throws EnvError
 */
export function readEnv(source: Source): Env {
  const given = withoutBlanks(source);
  const result = variables.safeParse(given);
  const faults = [
    ...blankSecrets(source),
    ...(result.error?.issues ?? []).map(lineOf),
    ...contradictions(given, source),
  ];
  if (!result.success || faults.length > 0) throw new EnvError(faults);
  const env = result.data;
  const production = env.NODE_ENV === 'production';
  return {
    nodeEnv: env.NODE_ENV,
    role: env.ROLE,
    http: {
      host: env.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
      port: env.PORT,
      publicUrl: env.PUBLIC_URL ?? null,
    },
    database: { url: env.DATABASE_URL ?? null },
    stripe: {
      secretKey: env.STRIPE_SECRET_KEY ?? null,
      webhookSecrets: env.STRIPE_WEBHOOK_SECRET ?? [],
      connectWebhookSecrets: env.STRIPE_CONNECT_WEBHOOK_SECRET ?? [],
      mode: modeOf(given),
      sandboxPort: env.SANDBOX_PORT,
    },
    mail: { smtpUrl: env.SMTP_URL ?? null, from: env.MAIL_FROM },
    bootstrapApiKey: env.BOOTSTRAP_API_KEY ?? null,
    otlpEndpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    alertEmail: env.ALERT_EMAIL ?? null,
    metricsToken: env.METRICS_TOKEN ?? null,
    retention: {
      payloadDays: env.RETENTION_PAYLOAD_DAYS,
      eventDays: env.RETENTION_EVENT_DAYS,
      reconciliationDays: env.RETENTION_RECONCILIATION_DAYS,
    },
    dataDir: env.DATA_DIR,
    // On a laptop the banner is to be read; a line per request would bury it.
    logLevel: env.LOG_LEVEL ?? (production ? 'info' : 'warn'),
    shutdownTimeoutMs: env.SHUTDOWN_TIMEOUT * 1000,
    failpoint: env.FAILPOINT ?? null,
  };
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const variables = z.object({
  NODE_ENV: oneOf(['development', 'test', 'production'], 'development'),
  ROLE: oneOf(['all', 'web', 'worker'], 'all'),
  HOST: z.string().optional(),
  PORT: port(3000),
  PUBLIC_URL: url(['http:', 'https:'], 'https://billing.example.com')
    .transform((text) => text.replace(/\/+$/, ''))
    .optional(),
  DATABASE_URL: url(['postgres:', 'postgresql:'], 'postgres://user:password@host:5432/database').optional(),
  STRIPE_SECRET_KEY: z.string().superRefine(checkSecretKey).optional(),
  STRIPE_WEBHOOK_SECRET: webhookSecrets().optional(),
  STRIPE_CONNECT_WEBHOOK_SECRET: webhookSecrets().optional(),
  STRIPE_MODE: oneOf(['test', 'live'], 'test'),
  SANDBOX_PORT: port(12_111),
  SMTP_URL: url(['smtp:', 'smtps:'], 'smtp://user:password@host:587').optional(),
  MAIL_FROM: z
    .string()
    .regex(
      /^([^<>\r\n]*<[^\s@<>]+@[^\s@<>]+>|[^\s@<>]+@[^\s@<>]+)$/,
      'is no e-mail address. Set e.g. Good Standing <billing@example.com>.',
    )
    .default('Good Standing <good-standing@localhost>'),
  BOOTSTRAP_API_KEY: z
    .string()
    .regex(/^gs_[A-Za-z0-9_]{24,}$/, 'is no API key. It is gs_ and at least 24 letters, digits or underscores.')
    .optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: url(['http:', 'https:'], 'http://localhost:4318').optional(),
  ALERT_EMAIL: z.email('is no e-mail address. Set e.g. ops@example.com.').optional(),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\w.~+/=-]{16,}$/, 'is no token. It is at least 16 letters, digits or any of _.~+/=-')
    .optional(),
  RETENTION_PAYLOAD_DAYS: wholeNumber(1, 3650, 90, 'It is in days; set e.g. 90.'),
  // Stripe can send an event again for 30 days: an id that is forgotten sooner would be taken for new.
  // https://docs.stripe.com/webhooks#manual-retries
  RETENTION_EVENT_DAYS: wholeNumber(35, 3650, 400, 'It is in days; set e.g. 400.'),
  RETENTION_RECONCILIATION_DAYS: wholeNumber(1, 3650, 90, 'It is in days; set e.g. 90.'),
  DATA_DIR: z.string().default('.data'),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `is none of ${LOG_LEVELS.join(', ')}. Leave it out for warn, in production info.` })
    .optional(),
  SHUTDOWN_TIMEOUT: wholeNumber(1, 600, 10, 'It is in seconds; set e.g. 10.'),
  FAILPOINT: failpoint().optional(),
});

/** Every variable there is, for `.env.example` and the documentation. */
export const variableNames = Object.keys(variables.shape);

function lineOf(issue: z.core.$ZodIssue): string {
  return `${String(issue.path[0])}: ${issue.message}`;
}
