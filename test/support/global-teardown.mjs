import { once } from 'node:events';

/** The keeper clears up when its standard input ends, as it would if Jest had been killed. */
export default async function tearDown() {
  const keeper = globalThis.postgresKeeper;
  if (keeper === undefined || keeper.exitCode !== null) return;
  keeper.stdin.end();
  await once(keeper, 'exit');
}
