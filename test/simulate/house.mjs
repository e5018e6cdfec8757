// The built house on a sandbox that outlives it. A development server has a sandbox of its own, and no setting names another's.
import { readEnv } from '../../dist/config/env.js';
import { openHouse } from '../../dist/src/boot/house.js';
import { CatalogSync } from '../../dist/src/catalog/catalog-sync.js';

const [sandboxUrl, first] = process.argv.slice(2);
const env = readEnv(process.env);
const house = await openHouse({ ...env, stripe: { ...env.stripe, secretKey: 'sk_test_house', sandboxUrl } });
if (first === 'first') await house.app.get(CatalogSync).apply();
process.stdout.write('ready\n');
process.once('SIGTERM', () => void house.close().then(() => process.exit(0)));
