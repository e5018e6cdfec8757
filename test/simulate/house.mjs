// The built house on a sandbox that outlives it. A development server has a sandbox of its own, and no setting names another's.
import { enableCompileCache, flushCompileCache } from 'node:module';

// It is killed often: without the cache half of each start is compiling.
enableCompileCache();
const { readEnv } = await import('../../dist/config/env.js');
const { openHouse } = await import('../../dist/src/boot/house.js');
const { CatalogSync } = await import('../../dist/src/catalog/catalog-sync.js');

const [sandboxUrl, first] = process.argv.slice(2);
const env = readEnv(process.env);
const house = await openHouse({ ...env, stripe: { ...env.stripe, secretKey: 'sk_test_house', sandboxUrl } });
if (first === 'first') await house.app.get(CatalogSync).apply();
process.stdout.write('ready\n');
process.once('SIGTERM', () => void house.close().then(() => process.exit(0)));
// One that is killed writes nothing at its end.
flushCompileCache();
