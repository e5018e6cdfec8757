import { createServer } from 'node:net';

/** A TCP port of 127.0.0.1 on which nobody listens at this moment: `wanted` if it is free, else null; 0 is any. */
export function freePort(wanted: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}
