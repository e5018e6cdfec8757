export interface Bound {
  what: string;
  value: number;
  relation: '≥' | '≤' | '<';
  limit: number;
}

/** Says it in a line. @returns whether it is kept */
export function judge({ what, value, relation, limit }: Bound): boolean {
  const holds = relation === '≥' ? value >= limit : relation === '≤' ? value <= limit : value < limit;
  const digits = limit >= 100 ? 0 : limit < 1 ? 3 : 2;
  process.stdout.write(`${holds ? 'ok    ' : 'MISSED'}  ${value.toFixed(digits)} ${what} (${relation} ${limit})\n`);
  return holds;
}
