export interface Rhythm {
  interval: string;
  interval_count: number;
}
/** Seconds since 1970, UTC; `end` is the start of the next one. */
export interface Period {
  start: number;
  end: number;
}

const DAY = 86_400;

/**
 * The moment `times` intervals after the anchor. Months are counted from the anchor itself, so that a subscription of
 * the 31st falls on the 28th in February and on the 31st again in March:
 * https://docs.stripe.com/billing/subscriptions/billing-cycle
 */
export function boundary(anchor: number, { interval, interval_count }: Rhythm, times: number): number {
  const count = times * interval_count;
  if (interval === 'day') return anchor + count * DAY;
  if (interval === 'week') return anchor + count * 7 * DAY;
  return addMonths(anchor, interval === 'year' ? 12 * count : count);
}

/** The period that holds `at`, of those that begin or end at the anchor. */
export function periodAt(anchor: number, rhythm: Rhythm, at: number): Period {
  let times = Math.floor((at - anchor) / approximateLength(rhythm));
  while (boundary(anchor, rhythm, times) > at) times -= 1;
  while (boundary(anchor, rhythm, times + 1) <= at) times += 1;
  return { start: boundary(anchor, rhythm, times), end: boundary(anchor, rhythm, times + 1) };
}

/** For an anchor that names only the day, hour …: the first such moment at or after `from`. */
export function nextAnchor(
  from: number,
  wanted: { day_of_month: number; month?: number; hour?: number; minute?: number; second?: number },
): number {
  const base = new Date(from * 1000);
  const time: [number, number, number] = [
    wanted.hour ?? base.getUTCHours(),
    wanted.minute ?? base.getUTCMinutes(),
    wanted.second ?? base.getUTCSeconds(),
  ];
  for (let month = base.getUTCMonth(); ; month += 1) {
    const first = new Date(Date.UTC(base.getUTCFullYear(), month, 1));
    if (wanted.month !== undefined && first.getUTCMonth() + 1 !== wanted.month) continue;
    const day = Math.min(wanted.day_of_month, daysIn(first.getUTCFullYear(), first.getUTCMonth()));
    const at = Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), day, ...time) / 1000;
    if (at >= from) return at;
  }
}

/**
 * An anchor that has the whole day that was asked for, and the first moment among its boundaries: the 31st of a longer
 * month for a cycle whose first one falls on the 28th. https://docs.stripe.com/billing/subscriptions/billing-cycle
 */
export function fullAnchor(first: number, day: number, rhythm: Rhythm): number {
  if (rhythm.interval !== 'month' && rhythm.interval !== 'year') return first;
  for (let times = 0; times <= 12; times += 1) {
    const start = new Date(boundary(first, rhythm, times) * 1000);
    const [year, month] = [start.getUTCFullYear(), start.getUTCMonth()];
    if (daysIn(year, month) >= day) return start.setUTCDate(day) / 1000;
  }
  return first;
}

/** The same day and time some months later, or the last day of a month that is too short. */
export function addMonths(at: number, months: number): number {
  const date = new Date(at * 1000);
  const index = date.getUTCFullYear() * 12 + date.getUTCMonth() + months;
  const [year, month] = [Math.floor(index / 12), ((index % 12) + 12) % 12];
  const day = Math.min(date.getUTCDate(), daysIn(year, month));
  return Date.UTC(year, month, day, date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()) / 1000;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}

function approximateLength({ interval, interval_count }: Rhythm): number {
  const days = { day: 1, week: 7, month: 30.44, year: 365.25 }[interval] ?? 1;
  return days * interval_count * DAY;
}
