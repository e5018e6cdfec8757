import { z } from 'zod';
import { listOf } from '../api/list.js';
import type { Difference } from './difference.entity.js';
import type { Reconciliation } from './reconciliation.entity.js';

const kind = z.enum(['missed_events', 'objects']).meta({
  description: '`missed_events`: events that were never delivered. `objects`: everything that is mirrored from Stripe.',
});

export const CreateReconciliation = z
  .strictObject({
    kind: kind.default('objects'),
    dry_run: z.boolean().default(false).meta({ description: 'Records the differences and repairs nothing.' }),
  })
  .prefault({})
  .meta({ id: 'CreateReconciliation', example: { kind: 'objects', dry_run: true } });

const moment = z.iso.datetime();

export const ReconciliationView = z
  .object({
    object: z.literal('reconciliation'),
    id: z.string(),
    kind,
    status: z.enum(['running', 'done', 'failed']),
    dry_run: z.boolean(),
    from: moment.nullable().meta({ description: 'Events created from here on were looked at; null for objects.' }),
    to: moment.nullable(),
    checked: z.int(),
    found: z.int(),
    repaired: z.int(),
    parked: z
      .int()
      .meta({ description: 'Left for a person: the repair would take more access away than one run may.' }),
    error: z.string().nullable(),
    created_at: moment,
    finished_at: moment.nullable(),
  })
  .meta({ id: 'Reconciliation' });

export const DifferenceView = z
  .object({
    object: z.literal('difference'),
    id: z.string(),
    reconciliation: z.string(),
    class: z.enum(['missed_event', 'missing', 'stale', 'deleted']),
    object_type: z.string(),
    object_id: z.string(),
    customer: z.string().nullable(),
    detail: z.record(z.string(), z.unknown()).meta({ description: 'What differs: column → `{ ours, stripes }`.' }),
    takes_access: z.boolean().meta({ description: 'Putting it right takes somebody’s access away.' }),
    repair: z.enum(['repaired', 'parked', 'dry_run']),
    created_at: moment,
  })
  .meta({ id: 'Difference' });

export const ReconciliationList = listOf(ReconciliationView).meta({ id: 'ReconciliationList' });
export const DifferenceList = listOf(DifferenceView).meta({ id: 'DifferenceList' });

export function reconciliationView(run: Reconciliation): z.infer<typeof ReconciliationView> {
  const { id, kind: its, status, dry_run, from, to, checked, found, repaired, parked, error } = run;
  return {
    object: 'reconciliation',
    id,
    kind: its,
    status,
    dry_run,
    from: from?.toISOString() ?? null,
    to: to?.toISOString() ?? null,
    checked,
    found,
    repaired,
    parked,
    error,
    created_at: run.created_at.toISOString(),
    finished_at: run.finished_at?.toISOString() ?? null,
  };
}

export function differenceView(difference: Difference): z.infer<typeof DifferenceView> {
  const { id, reconciliation, object_type, object_id, customer, detail, takes_access, repair, created_at } = difference;
  return {
    object: 'difference',
    id,
    reconciliation,
    class: difference.class,
    object_type,
    object_id,
    customer,
    detail,
    takes_access,
    repair,
    created_at: created_at.toISOString(),
  };
}
