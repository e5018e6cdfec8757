import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

export type ReceiverMood = 'well' | 'failing' | 'slow' | 'gone';

const SLOW_MS = 300;

/** One app's endpoint for outbound webhooks; it remembers of each `webhook-id` when it was taken (real time). */
export interface Receiver {
  url: string;
  mood: ReceiverMood;
  taken: Map<string, number[]>;
  close(): Promise<void>;
}

export async function openReceiver(): Promise<Receiver> {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => void answer(receiver, String(request.headers['webhook-id']), response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const receiver: Receiver = {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/hooks`,
    mood: 'well',
    taken: new Map(),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

async function answer({ mood, taken }: Receiver, id: string, response: ServerResponse): Promise<void> {
  if (mood === 'slow') await wait(SLOW_MS);
  const status = { well: 200, slow: 200, failing: 500, gone: 410 }[mood];
  if (status === 200) taken.set(id, [...(taken.get(id) ?? []), Date.now()]);
  response.writeHead(status).end();
}
