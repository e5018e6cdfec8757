import { types } from 'node:util';

/** Node's codes of a connection that failed, and PostgreSQL's of one that it refuses or ends. */
const AWAY = /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT|08\w{3}|57P0[1-3]|53300)$/;
/** pg gives these no code. */
const LOST = /^(Connection terminated|timeout exceeded when trying to connect|Client .* is not queryable)/;

/**
 * Whether an error of MikroORM, Kysely or pg means that PostgreSQL cannot be reached. Causes are not looked at: another
 * room's failed connection (`fetch`) has its code there. https://www.postgresql.org/docs/18/errcodes-appendix.html
 */
export function isDatabaseAway(error: unknown): boolean {
  if (!types.isNativeError(error)) return false;
  return ('code' in error && AWAY.test(String(error.code))) || LOST.test(error.message);
}
