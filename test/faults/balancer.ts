import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Server } from './server.js';

const PROBE_MS = 50;

/** Stands before replicas as a load balancer does: in turns, and only to those that say that they are ready. */
export class Balancer {
  private ready: string[] = [];
  private replicas: string[] = [];
  private turn = 0;
  private readonly stopped = new AbortController();
  private probing: Promise<void> = Promise.resolve();

  private constructor(private readonly server: HttpServer) {}

  static async open(port: number): Promise<Balancer> {
    const balancer = new Balancer(createServer((incoming, response) => void balancer.pass(incoming, response)));
    balancer.server.listen(port, '127.0.0.1');
    await once(balancer.server, 'listening');
    balancer.probing = balancer.probe();
    return balancer;
  }

  /** Resolves when it is among those that are asked. */
  async add(replica: Server): Promise<void> {
    const url = replica.told('API');
    this.replicas.push(url);
    while (!this.ready.includes(url)) await wait(PROBE_MS);
  }

  /** It is not asked any more, as an orchestrator sees to before it ends a replica. */
  remove(replica: Server): void {
    const url = replica.told('API');
    this.replicas = this.replicas.filter((other) => other !== url);
    this.ready = this.ready.filter((other) => other !== url);
  }

  async close(): Promise<void> {
    this.stopped.abort();
    await this.probing;
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async probe(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      const asked = this.replicas;
      const said = await Promise.all(asked.map((url) => isReady(url)));
      this.ready = asked.filter((url, index) => said[index] && this.replicas.includes(url));
      await wait(PROBE_MS);
    }
  }

  private async pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await incoming.toArray());
    // One that has closed its door since it was last asked is passed over; a connection that breaks later is a fault.
    for (let tries = this.ready.length; tries > 0; tries--) {
      const replica = this.ready[this.turn++ % this.ready.length] ?? '';
      if (await forward(replica, incoming, body, response)) return;
    }
    response.writeHead(502).end('{}');
  }
}

async function isReady(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health/ready`).catch(() => null);
  await answer?.arrayBuffer();
  return answer?.ok === true;
}

/** False: nobody is there. */
function forward(replica: string, incoming: IncomingMessage, body: Buffer, response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const { method, headers } = incoming;
    const outgoing = request(new URL(incoming.url ?? '/', replica), { method, headers, agent: false });
    outgoing.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, { 'content-type': answer.headers['content-type'] ?? '' });
      answer.pipe(response);
      answer.on('close', () => resolve(true));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') return resolve(false);
      response.writeHead(502).end(JSON.stringify({ detail: error.message }));
      resolve(true);
    });
    outgoing.end(body);
  });
}
