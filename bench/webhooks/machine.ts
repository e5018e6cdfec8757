import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

/** What all figures hang on. */
export function machine(postgres: string, pgbench: string | null): string {
  const memory = Math.round(totalmem() / 1024 ** 3);
  return [
    `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, ${memory} GB, ${type()} ${release()}; Node ${process.version}; PostgreSQL ${postgres}, default durability.`,
    'Client, server and PostgreSQL share these cores.',
    pgbench ?? 'There is no pgbench here: its row is left out. It comes with the client programs of PostgreSQL.',
    `Load average before: ${load()}.`,
  ].join('\n');
}

export function load(): string {
  return loadavg()
    .map((average) => average.toFixed(1))
    .join(', ');
}
