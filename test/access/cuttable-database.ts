import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { once } from 'node:events';

/** A way to PostgreSQL that can be cut and mended, as a network does it. */
export async function cuttable(databaseUrl: string) {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let mode: 'open' | 'cut' | 'hanging' = 'open';
  const server = createServer((socket) => {
    keep(socket);
    if (mode === 'cut') socket.destroy();
    if (mode !== 'open') return;
    const upstream = keep(createConnection(Number(target.port || 5432), target.hostname));
    socket.pipe(upstream).pipe(socket);
    socket.on('close', () => upstream.destroy());
    upstream.on('close', () => socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function keep(socket: Socket): Socket {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket;
  }
  function become(next: typeof mode): void {
    if (next === mode) return;
    mode = next;
    for (const socket of sockets) socket.destroy();
  }

  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    cut: () => become('cut'),
    /** New connections are taken and never answered. */
    hang: () => become('hanging'),
    /** What passes through the connections there are is lost from here on; new ones are as before. */
    lose: () => {
      for (const socket of sockets) socket.unpipe().resume();
    },
    mend: () => become('open'),
    close: async () => {
      become('cut');
      server.close();
      await once(server, 'close');
    },
  };
}
