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

/** @throws Error when the machine has none left */
export async function anyPort(): Promise<number> {
  const port = await freePort(0);
  if (port === null) throw new Error('There is no free TCP port on 127.0.0.1.');
  return port;
}
