import { addMonths } from './periods.js';

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 7 * 86_400 };
const MONTHS: Record<string, number> = { mo: 1, y: 12 };

/** `31d`, `12h`, `30m`, `90s`, `2w`, `1mo`, `1y` later than a moment in seconds; undefined: not such a length of time. */
export function later(from: number, length: string): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,6})(s|m|h|d|w|mo|y)$/.exec(length) ?? [];
  if (digits === undefined) return undefined;
  const months = MONTHS[unit];
  if (months !== undefined) return addMonths(from, Number(digits) * months);
  return from + Number(digits) * (SECONDS[unit] ?? 0);
}
