export type Source = Record<string, string | undefined>;

/** What a shell or a template leaves behind when the variable it names is not set. */
export const NOT_SET = new Set(['undefined', 'null']);
const SECRETS = [
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'STRIPE_CONNECT_WEBHOOK_SECRET',
  'BOOTSTRAP_API_KEY',
  'METRICS_TOKEN',
];

export function withoutBlanks(source: Source): Source {
  const entries = Object.entries(source).map(([name, value]) => [name, value?.trim()] as const);
  return Object.fromEntries(
    entries.filter(([name, value]) => value && !(SECRETS.includes(name) && NOT_SET.has(value))),
  );
}

/** A secret given as nothing is a mistake of whoever fills it in, and would quietly mean the sandbox, or no check. */
export function blankSecrets(source: Source): string[] {
  return SECRETS.filter((name) => isBlankSecret(source, name)).map((name) =>
    NOT_SET.has(source[name]?.trim() ?? '')
      ? `${name}: is the word ${source[name]?.trim()}. Give the secret itself, or leave the variable out.`
      : `${name}: is given but blank. Give the secret, or leave the variable out.`,
  );
}

function isBlankSecret(source: Source, name: string): boolean {
  const value = source[name]?.trim();
  return SECRETS.includes(name) && value !== undefined && (value === '' || NOT_SET.has(value));
}

/** What is wrong between variables. Looks at the text as given, so that it is told together with each one's own faults. */
export function contradictions(given: Source, source: Source): string[] {
  const isMissing = (name: string) => given[name] === undefined && !isBlankSecret(source, name);
  const production = given['NODE_ENV'] === 'production';
  const key = given['STRIPE_SECRET_KEY'] ?? '';
  const mode = modeOf(given);
  const faults: string[] = [];
  if (production) {
    faults.push(...PRODUCTION_NEEDS.filter(([name]) => isMissing(name)).map(([name, why]) => `${name}: ${why}`));
  }
  if (production && given['FAILPOINT'] !== undefined) {
    faults.push(
      'FAILPOINT: kills the process at a moment of its work, which is for tests and not for production. Leave it out.',
    );
  }
  if (!production && /^(sk|rk)_/.test(key) && isMissing('STRIPE_WEBHOOK_SECRET')) {
    const command = 'stripe listen --forward-to localhost:3000/webhooks/stripe';
    faults.push(
      `STRIPE_WEBHOOK_SECRET: is missing, which a Stripe key needs. Run \`${command}\` and set the whsec_… it prints.`,
    );
  }
  if (LIVE_KEY.test(key) && mode !== 'live') {
    faults.push(
      'STRIPE_SECRET_KEY: is a live key (…_live_…), which moves real money. Set STRIPE_MODE=live if that is meant, or use a test key.',
    );
  }
  if (TEST_KEY.test(key) && mode === 'live') {
    faults.push(
      'STRIPE_SECRET_KEY: is a test key (…_test_…), but STRIPE_MODE is live. Use a live key, or leave STRIPE_MODE out.',
    );
  }
  if (mode === 'live' && !production && isMissing('STRIPE_SECRET_KEY')) {
    faults.push(
      'STRIPE_MODE: is live, but the sandbox is not. Set STRIPE_SECRET_KEY to a live key, or leave STRIPE_MODE out.',
    );
  }
  return faults;
}

const LIVE_KEY = /^(sk|rk)_live_/;
const TEST_KEY = /^(sk|rk)_test_/;

const PRODUCTION_NEEDS = [
  [
    'DATABASE_URL',
    'is missing, and the embedded PostgreSQL is not for production. Set postgres://user:password@host:5432/database',
  ],
  [
    'STRIPE_SECRET_KEY',
    'is missing, and the sandbox is not for production. Set the secret key of your Stripe account.',
  ],
  [
    'STRIPE_WEBHOOK_SECRET',
    "is missing, so no event could be trusted. Set your webhook endpoint's signing secret (whsec_…).",
  ],
  ['SMTP_URL', 'is missing, and the mailbox is not for production. Set smtp://user:password@host:587'],
] as const;

/** In production a live key is what one expects; anywhere else it has to be said. */
export function modeOf(given: Source): 'test' | 'live' {
  const { STRIPE_MODE: mode, NODE_ENV: nodeEnv, STRIPE_SECRET_KEY: key } = given;
  if (mode !== undefined) return mode === 'live' ? 'live' : 'test';
  return nodeEnv === 'production' && LIVE_KEY.test(key ?? '') ? 'live' : 'test';
}
