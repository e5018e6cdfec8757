import type { World } from './world.js';

/** What happens once in the life of an object. */
const ONCE = [
  'customer.created',
  'customer.deleted',
  'payment_method.attached',
  'payment_method.detached',
  'payment.succeeded',
  'payment.canceled',
  'invoice.paid',
  'invoice.voided',
  'subscription.created',
  'subscription.canceled',
  'subscription.incomplete_expired',
];
/** A process that is killed, or loses its database, between an answer from outside and its own commit cannot know of the answer. */
const AT_LEAST_ONCE_MS = 60_000;

/** Effects that happened twice. */
export async function doubledEffects(world: World): Promise<string[]> {
  const { database, letterbox, receivers } = world;
  const twice = await database.query<{ type: string; object: string; count: number }>(
    `select type, object, count(*)::int as count from domain_events where type = any($1::text[])
     group by type, object having count(*) > 1`,
    [ONCE],
  );
  return [
    ...twice.map(({ type, object, count }) => `${type} of ${object} was published ${count} times`),
    ...unexplained(world, letterbox.accepted, (id) => `the e-mail ${id}`),
    ...unexplained(world, receivers.steady.taken, (id) => `the webhook ${id} to the steady receiver`),
    ...unexplained(world, receivers.troubled.taken, (id) => `the webhook ${id} to the troubled receiver`),
  ];
}

/** Effects that should have happened and did not. */
export async function missingEffects({ database, letterbox, receivers, endpoints }: World): Promise<string[]> {
  const emails = await database.query<{ id: string; message_id: string; effect: string }>(
    `select id, message_id, effect from emails where status = 'sent'`,
  );
  const told = await database.query<{ id: string; type: string; told: boolean }>(
    `select e.id, e.type, exists (select from webhook_deliveries d where d.event = e.id and d.endpoint = $1) as told
     from domain_events e`,
    [endpoints.steady],
  );
  return [
    ...emails
      .filter(({ message_id }) => !letterbox.accepted.has(message_id))
      .map(({ id, effect }) => `the e-mail ${id} (${effect}) counts as sent, and never reached the SMTP server`),
    ...told
      .filter(({ id }) => !receivers.steady.taken.has(id))
      .map(({ id, type, told: planned }) =>
        planned
          ? `the webhook ${id} (${type}) never reached a receiver that was always well`
          : `the domain event ${id} (${type}) has no delivery to the steady endpoint`,
      ),
  ];
}

/** E-mails about failed payments that were withheld because the subscription was well, while Stripe had said that it is not. */
export async function withheldEmails({ database }: World): Promise<string[]> {
  const rows = await database.query<{ id: string; effect: string; error: string; statuses: string[] }>(`
    select emails.id, effect, emails.error, told.statuses
    from emails cross join lateral (
      select array_agg(distinct payload::jsonb #>> '{data,object,status}') as statuses
      from inbound_events
      where object = emails.subscription and type like 'customer.subscription.%' and created = (
        select max(created) from inbound_events
        where object = emails.subscription and type like 'customer.subscription.%' and created <= emails.created_at
      )
    ) as told
    where emails.status = 'skipped' and emails.error in ('The subscription is active.', 'The subscription is trialing.')
      and told.statuses <@ array['past_due', 'unpaid']`);
  return rows.map(
    ({ id, effect, error, statuses }) =>
      `the e-mail ${id} (${effect}) was withheld ("${error}"), and Stripe had said: ${statuses.join(' and ')}`,
  );
}

/** Outside the database only at-least-once can be had, and only a kill or a cut between two copies excuses the second. */
function unexplained({ house, database }: World, seen: Map<string, number[]>, name: (id: string) => string): string[] {
  const blows = [...house.kills, ...database.cuts];
  return [...seen].flatMap(([id, times]) => {
    const repeats = times.slice(1).filter((time, index) => {
      const before = times[index] ?? 0;
      return !blows.some((blow) => blow >= before - AT_LEAST_ONCE_MS && blow <= time);
    });
    return repeats.length === 0
      ? []
      : [`${name(id)} arrived ${times.length} times, though nothing was cut off between`];
  });
}
