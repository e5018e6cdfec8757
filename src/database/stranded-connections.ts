import type { Pool } from 'pg';

const STRANDING = /^(begin|start transaction\b.*|rollback)$/;

/**
 * Kysely never gives back the connection of a transaction whose begin or rollback fails, as both do when it is lost: after
 * ten lost connections nobody would get one any more. https://github.com/kysely-org/kysely/issues/1990
 */
export function releaseStranded(pool: Pool): void {
  pool.on('connect', (client) => {
    const query = client.query.bind(client);
    const guarded = (...args: Parameters<typeof query>): unknown => {
      const answer: unknown = query(...args);
      if (answer instanceof Promise && typeof args[0] === 'string' && STRANDING.test(args[0]))
        answer.catch((error: Error) => client.release(error));
      return answer;
    };
    Object.assign(client, { query: guarded });
  });
}
