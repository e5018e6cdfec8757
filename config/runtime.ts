import type { Env } from './env.js';

/** The environment once its embedded defaults are running: what every room is configured by. */
export interface Runtime extends Env {
  database: { url: string };
  stripe: Env['stripe'] & {
    secretKey: string;
    /** The local sandbox's address; null: Stripe itself. */
    sandboxUrl: string | null;
  };
}
