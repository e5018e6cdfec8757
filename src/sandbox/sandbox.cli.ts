import { parseArgs } from 'node:util';
import { faultOf } from './errors.js';
import { startSandbox, type Sandbox, type SandboxOptions } from './sandbox.js';

const USAGE = `Usage: npm run sandbox -- [options]

  --port <number>       where it listens on this machine (12111)
  --host <address>      the address it listens on (127.0.0.1)
  --state <file>        where it keeps its state (.data/sandbox.sqlite)
  --ephemeral           keep nothing: a new state at every start
  --seed <number>       ids and mischief of a new state repeat with the same seed
  --now <ISO date>      where the clock of a new state begins (the real time)
  --frozen              the clock stands still unless it is turned
  --webhook <url>       send every event there, signed with --webhook-secret
  --webhook-secret <s>  its signing secret (whsec_sandbox)
  --help                this text
`;
const LONGEST = 2_000;

/** Starts the sandbox alone and keeps it running until it is told to stop; answers the exit status. */
async function main(args: string[]): Promise<number> {
  const options = read(args);
  if (options === null) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (process.env['NODE_ENV'] === 'production')
    throw new Error('The sandbox is not for production (NODE_ENV): its cards and its money are none.');
  const sandbox = await startSandbox(options);
  process.stdout.write(welcome(sandbox, options));
  await stopped();
  setTimeout(() => process.exit(1), LONGEST).unref();
  await sandbox.close();
  return 0;
}

/** Null: only the usage is asked for. */
function read(args: string[]): SandboxOptions | null {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: 'string', default: '12111' },
      host: { type: 'string', default: '127.0.0.1' },
      state: { type: 'string', default: '.data/sandbox.sqlite' },
      ephemeral: { type: 'boolean', default: false },
      seed: { type: 'string' },
      now: { type: 'string' },
      frozen: { type: 'boolean', default: false },
      webhook: { type: 'string' },
      'webhook-secret': { type: 'string', default: 'whsec_sandbox' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  const { webhook, now, seed } = values;
  if (webhook !== undefined && !URL.canParse(webhook)) throw new Error(`--webhook is not a URL: ${webhook}`);
  if (now !== undefined && Number.isNaN(Date.parse(now))) throw new Error(`--now is not an ISO date: ${now}`);
  return {
    port: whole(values.port, '--port', 65_535),
    host: values.host,
    frozen: values.frozen,
    ...(!values.ephemeral && { stateFile: values.state }),
    ...(seed !== undefined && { seed: whole(seed, '--seed', 2 ** 31) }),
    ...(now !== undefined && { now: new Date(now) }),
    ...(webhook !== undefined && { webhook: { url: webhook, secret: values['webhook-secret'] } }),
    log: (line) => process.stderr.write(`${JSON.stringify(line)}\n`),
  };
}

function whole(text: string, name: string, most: number): number {
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > most) throw new Error(`${name} takes a whole number up to ${most}, not ${text}`);
  return number;
}

function welcome({ url, port }: Sandbox, { stateFile, webhook }: SandboxOptions): string {
  return [
    `A local Stripe listens on ${url}. ${stateFile === undefined ? 'It keeps nothing.' : `It keeps its state in ${stateFile}.`}`,
    '',
    `  Look inside   ${url}`,
    `  stripe-node   new Stripe('sk_test_123', { host: '127.0.0.1', port: ${port}, protocol: 'http' })`,
    `  turn time     curl ${url}/_sandbox/clock/advance -H 'Content-Type: application/json' -d '{"by": "1mo"}'`,
    webhook === undefined
      ? '  get events    --webhook http://localhost:3000/webhooks, or POST /v1/webhook_endpoints'
      : `  get events    at ${webhook.url}, signed with ${webhook.secret}`,
    '',
    'Ctrl-C stops it. More: src/sandbox/README.md',
    '',
  ].join('\n');
}

/** Resolved by Ctrl-C or by whoever runs it. */
function stopped(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, resolve);
  });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${faultOf(error).message}\n`);
  process.exitCode = 1;
}
