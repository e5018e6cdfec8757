const DAY = 86_400;

/** The moment that many business days (Monday to Friday, UTC) later; holidays are not known. `from` in seconds. */
export function businessDaysLater(from: number, days: number): number {
  let at = from;
  for (let left = days; left > 0;) {
    at += DAY;
    const weekday = new Date(at * 1000).getUTCDay();
    if (weekday !== 0 && weekday !== 6) left -= 1;
  }
  return at;
}

/** The last second of the day that many days later, where clocks stand `offset` hours from UTC. */
export function endOfDayLater(from: number, days: number, offset: number): number {
  const midnight = Math.floor((from + offset * 3_600) / DAY) * DAY;
  return midnight + (days + 1) * DAY - 1 - offset * 3_600;
}
