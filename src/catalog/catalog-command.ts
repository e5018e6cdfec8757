import type { CatalogSync } from './catalog-sync.js';

const USAGE = `Usage: npm run catalog -- plan     shows what would change at Stripe
       npm run catalog -- apply    changes it
`;

/**
 * `npm run catalog -- plan | apply`.
 * @param print is given text with its line ends. @returns the exit code: 0; 2 when called with anything else.
 */
export async function catalogCommand(
  sync: Pick<CatalogSync, 'plan' | 'apply'>,
  args: readonly string[],
  print: (text: string) => void,
): Promise<number> {
  const [verb, ...more] = args;
  if (more.length > 0 || (verb !== 'plan' && verb !== 'apply')) {
    print(USAGE);
    return 2;
  }
  const changes = verb === 'plan' ? await sync.plan() : await sync.apply(({ text }) => print(`done: ${text}\n`));
  if (changes.length === 0) print('Stripe agrees with config/catalog.yaml.\n');
  else if (verb === 'apply') print(`Stripe agrees with config/catalog.yaml now (${changes.length} changes).\n`);
  else print(`${changes.map(({ text }) => `would ${text}\n`).join('')}To do so: npm run catalog -- apply\n`);
  return 0;
}
