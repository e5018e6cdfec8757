// One of several replicas of the built house. A development server has a sandbox of its own, and no setting names another's;
// so the sandbox that the replicas share is given here.
import { readEnv } from '../../dist/config/env.js';
import { openHouse } from '../../dist/src/boot/house.js';

const env = readEnv(process.env);
const stripe = { ...env.stripe, secretKey: 'sk_test_replica', sandboxUrl: process.argv[2] };
const house = await openHouse({ ...env, stripe });
process.stdout.write(`  API      ${house.url}\n  API key  ${env.bootstrapApiKey}\nCtrl-C stops everything.\n`);
process.once('SIGTERM', () => void house.close());
