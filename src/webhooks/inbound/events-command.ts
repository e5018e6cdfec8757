import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Transactions } from '../../database/transactions.js';
import { InboundEvent } from './inbound-event.entity.js';
import { ReplaySelection } from './replay-selection.js';
import { WebhookReplay } from './webhook-replay.entity.js';
import { replayView } from './webhook-replay.view.js';
import type { WebhookReplays } from './webhook-replays.js';

const USAGE = `Usage: npm run events -- list [--status pending|handled|dead|quarantined] [--type …] [--limit 20]
       npm run events -- show <id>
       npm run events -- replay --event <id>
       npm run events -- replay [--type …] [--status handled|dead|quarantined] [--from …] [--to …]
       npm run events -- replay --all
Moments as 2026-01-31T12:00:00Z, when they were received. A replay runs on the server; Ctrl-C does not end it.
`;
const LOOK_AGAIN_MS = 500;

interface Tools {
  transactions: Transactions;
  replays: WebhookReplays;
}

const Wish = z.strictObject({
  status: z.enum(['pending', 'handled', 'dead', 'quarantined']).optional(),
  type: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(20),
});

/**
 * Stripe's events from the command line.
 * @param print is given text with its line ends
 * @param ended nobody waits for a replay any more
 * @returns the exit code: 0; 1 when a replay has failed or an event is not there; 2 when called with anything else
 */
export async function eventsCommand(
  tools: Tools,
  args: readonly string[],
  print: (text: string) => void,
  ended: AbortSignal,
): Promise<number> {
  const [verb, ...more] = args;
  const options = optionsOf(more);
  if (options !== null) {
    const { values, positionals } = options;
    const [id, ...others] = positionals;
    if (verb === 'show' && id && others.length === 0) return show(tools, id, print);
    const wish = Wish.safeParse(values);
    if (verb === 'list' && id === undefined && wish.success) return list(tools, wish.data, print);
    const selection = ReplaySelection.safeParse(values);
    if (verb === 'replay' && id === undefined && selection.success) return replay(tools, selection.data, print, ended);
  }
  print(USAGE);
  return 2;
}

function optionsOf(args: string[]) {
  const text = { type: 'string' } as const;
  const options = {
    event: text,
    type: text,
    status: text,
    from: text,
    to: text,
    limit: text,
    all: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch {
    return null;
  }
}

async function list(
  { transactions }: Tools,
  wish: z.infer<typeof Wish>,
  print: (text: string) => void,
): Promise<number> {
  const { limit, status, type } = wish;
  const where = { ...(status && { status }), ...(type && { type }) };
  const orderBy = { received_at: 'desc', id: 'desc' } as const;
  const events = await transactions.reader().find(InboundEvent, where, { limit, orderBy });
  for (const event of events) {
    const line = [event.received_at.toISOString(), event.status.padEnd(11), event.id, event.type, event.error ?? ''];
    print(`${line.join('  ').trimEnd()}\n`);
  }
  if (events.length === 0) print('There are none.\n');
  return 0;
}

async function show({ transactions }: Tools, id: string, print: (text: string) => void): Promise<number> {
  const event = await transactions.reader().findOne(InboundEvent, { id }, { populate: ['payload'] });
  if (event === null) {
    print(`There is no event '${id}'.\n`);
    return 1;
  }
  const { payload, ...facts } = event;
  print(`${JSON.stringify(facts, null, 2)}\n${payload ?? '(its bytes are pruned)'}\n`);
  return 0;
}

async function replay(
  { transactions, replays }: Tools,
  selection: z.infer<typeof ReplaySelection>,
  print: (text: string) => void,
  ended: AbortSignal,
): Promise<number> {
  const { id } = await transactions.run((em) => replays.open(em, selection));
  print(`${id} begins.\n`);
  for (let told = ''; ; await wait(LOOK_AGAIN_MS, undefined, { signal: ended }).catch(() => {})) {
    const row = await transactions.reader().findOneOrFail(WebhookReplay, { id });
    const { status, checked, total, replayed, requeued, skipped, failed, error } = replayView(row);
    const line = `${checked} of ${total ?? '…'}: ${replayed} replayed, ${requeued} queued again, ${skipped} skipped, ${failed} failed`;
    if (line !== told) print(`${line}\n`);
    told = line;
    if (error !== null && status !== 'running') print(`${error}\n`);
    if (status !== 'running') return status === 'done' && failed === 0 ? 0 : 1;
    if (ended.aborted) {
      print(`It goes on without this terminal: GET /v1/webhooks/replays/${id}\n`);
      return 0;
    }
  }
}
