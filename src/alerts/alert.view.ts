import { z } from 'zod';
import { listOf } from '../api/list.js';
import type { Alert } from './alert.entity.js';
import { alertNames } from './alerts-file.js';

const moment = z.iso.datetime();

export const AlertView = z
  .object({
    object: z.literal('alert'),
    id: z.string(),
    name: z.enum(alertNames).meta({ description: 'As `config/alerts.yaml` calls it.' }),
    status: z.enum(['open', 'resolved']),
    text: z.string().meta({ description: 'What is the matter, as it was when it was last true.' }),
    value: z
      .number()
      .meta({ description: 'What its limit is compared with: a count, or seconds or hours of waiting.' }),
    created_at: moment.meta({ description: 'When it was raised; real time.' }),
    last_true_at: moment,
    resolved_at: moment.nullable(),
  })
  .meta({ id: 'Alert' });

export const AlertList = listOf(AlertView).meta({ id: 'AlertList' });

export function alertView(alert: Alert): z.infer<typeof AlertView> {
  const { id, name, text, value, created_at, last_true_at, resolved_at } = alert;
  return {
    object: 'alert',
    id,
    name,
    status: resolved_at === null ? 'open' : 'resolved',
    text,
    value,
    created_at: created_at.toISOString(),
    last_true_at: last_true_at.toISOString(),
    resolved_at: resolved_at?.toISOString() ?? null,
  };
}
