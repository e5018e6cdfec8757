// One of several replicas of the built house, or one that is killed and started again. A development server has a sandbox of
// its own, and no setting names another's; so the sandbox that outlives it is given here.
import { readEnv } from '../../dist/config/env.js';
import { openHouse } from '../../dist/src/boot/house.js';
import { CatalogSync } from '../../dist/src/catalog/catalog-sync.js';

const [sandboxUrl, first] = process.argv.slice(2);
const env = readEnv(process.env);
const house = await openHouse({ ...env, stripe: { ...env.stripe, secretKey: 'sk_test_replica', sandboxUrl } });
if (first === 'first') await house.app.get(CatalogSync).apply();
process.stdout.write(`  API      ${house.url}\n  API key  ${env.bootstrapApiKey}\nCtrl-C stops everything.\n`);
process.once('SIGTERM', () => void house.close());
