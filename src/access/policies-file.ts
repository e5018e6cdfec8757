import { z } from 'zod';
import { parseYaml, readConfigFile } from '../../config/yaml-file.js';

const FILE = 'policies.yaml';

const days = z.int({ error: 'a whole number of days from 0 to 365' }).min(0).max(365);
const decision = z.enum(['allow', 'deny']);

/** What `config/policies.yaml` holds. */
export const PoliciesFile = z
  .strictObject({
    access: z.strictObject({
      trialing: decision,
      active: z.literal('allow'),
      past_due: z.strictObject({ grace_days: days }),
      unpaid: decision,
      paused: decision,
      canceled: z.literal('deny'),
      incomplete: decision,
      incomplete_expired: z.literal('deny'),
    }),
    answers: z.strictObject({
      stale_for_minutes: z
        .int({ error: 'a whole number of minutes, at most 10080 (a week)' })
        .min(0)
        .max(7 * 24 * 60),
    }),
    dunning: z.strictObject({
      reminders: z.array(
        z.strictObject({
          id: z.string().regex(/^[a-z][a-z0-9_]*$/, { error: 'a name of lower-case letters, digits and _' }),
          days_before_access_ends: days,
        }),
      ),
    }),
  })
  .superRefine(({ dunning, access }, context) => {
    const seen = new Set<string>();
    dunning.reminders.forEach(({ id, days_before_access_ends }, index) => {
      const path = ['dunning', 'reminders', index];
      if (seen.has(id))
        context.addIssue({
          code: 'custom',
          path: [...path, 'id'],
          message: `expected an id of its own, got '${id}' again`,
        });
      seen.add(id);
      if (days_before_access_ends > access.past_due.grace_days) {
        context.addIssue({
          code: 'custom',
          path: [...path, 'days_before_access_ends'],
          message: `expected at most the ${access.past_due.grace_days} days of grace (access.past_due.grace_days), got ${days_before_access_ends}`,
        });
      }
    });
  });

export type PoliciesFile = z.infer<typeof PoliciesFile>;
export type Reminder = PoliciesFile['dunning']['reminders'][number];

/** @throws ConfigFileError */
export function readPoliciesFile(): PoliciesFile {
  return readConfigFile(FILE, PoliciesFile);
}

/** @throws ConfigFileError */
export function parsePolicies(text: string): PoliciesFile {
  return parseYaml(`config/${FILE}`, text, PoliciesFile);
}
