import { z } from 'zod';
import { parseYaml, readConfigFile } from '../../config/yaml-file.js';

const FILE = 'alerts.yaml';

const count = (least: number) => z.int({ error: `a whole number from ${least} on` }).min(least);
const hours = z.int({ error: 'a whole number of hours from 1 to 72' }).min(1).max(72);
const minutes = z.int({ error: 'a whole number of minutes from 1 to 1440' }).min(1).max(1440);

/** What `config/alerts.yaml` holds. */
export const AlertsFile = z.strictObject({
  resolve_after_minutes: minutes,
  alerts: z.strictObject({
    dead_letters: z.strictObject({ above: count(0) }).optional(),
    lag: z.strictObject({ above_minutes: minutes }).optional(),
    silence: z.strictObject({ hours, usual_events: count(1) }).optional(),
    signature_failures: z.strictObject({ above: count(0) }).optional(),
    reconciliation: z
      .strictObject({ times_usual: z.number({ error: 'a number from 1 on' }).min(1), at_least: count(1) })
      .optional(),
  }),
});

export type AlertsFile = z.infer<typeof AlertsFile>;
export type AlertRules = AlertsFile['alerts'];
export type AlertName = keyof AlertRules;

export const alertNames = Object.keys(AlertsFile.shape.alerts.shape) as AlertName[];

/** @throws ConfigFileError */
export function readAlertsFile(): AlertsFile {
  return readConfigFile(FILE, AlertsFile);
}

/** @throws ConfigFileError */
export function parseAlerts(text: string): AlertsFile {
  return parseYaml(`config/${FILE}`, text, AlertsFile);
}
