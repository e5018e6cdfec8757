import { readEnv } from '../../config/env.js';
import { Listeners } from '../../src/events/listeners.js';
import { openHouse } from '../../src/boot/house.js';

// The built house as it is with Stripe: its Stripe is a sandbox in another process, so that neither its memory nor its time
// is counted as the house's.
const [sandboxUrl = null, ...wishes] = process.argv.slice(2);
// Their jobs are made all the same, and left lying.
if (wishes.includes('without-listeners')) Listeners.prototype.start = () => Promise.resolve();
const env = readEnv(process.env);
const { url } = env.database;
if (url === null) throw new Error('DATABASE_URL is missing');
const stripe = { ...env.stripe, secretKey: 'sk_test_bench', sandboxUrl };
const house = await openHouse({ ...env, database: { url }, stripe });
process.once('SIGTERM', () => void house.close().then(() => process.exit()));
process.stdout.write(`${house.url}\n`);
