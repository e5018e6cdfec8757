import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/** What commits: a transaction's end, or the inbox's statement, which is a transaction by itself. */
const COMMITS = /commit\0|inbox_\d+\0/i;

/**
 * A way to PostgreSQL on which some connections are cut as they commit. Half of them before the server hears of it: nothing
 * has happened. The other half once it has, and its answer is lost: all has happened. The client cannot tell.
 */
export class CutAtCommit {
  /** The share of commits that are cut. */
  share = 0;
  readonly cuts = { unheard: 0, unanswered: 0 };
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((socket) => this.join(socket));

  private constructor(
    private readonly target: URL,
    private readonly random: () => number,
  ) {}

  static async open(databaseUrl: string, random: () => number): Promise<CutAtCommit> {
    const way = new CutAtCommit(new URL(databaseUrl), random);
    way.server.listen(0, '127.0.0.1');
    await once(way.server, 'listening');
    return way;
  }

  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return url.href;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private join(client: Socket): void {
    const upstream = createConnection(Number(this.target.port), this.target.hostname);
    for (const socket of [client, upstream]) {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => this.sockets.delete(socket));
    }
    client.on('data', (chunk: Buffer) => {
      if (this.share > 0 && COMMITS.test(chunk.toString('latin1')) && this.random() < this.share)
        this.cut(client, upstream, chunk);
      else upstream.write(chunk);
    });
    upstream.pipe(client);
    client.on('close', () => upstream.end());
    upstream.on('close', () => client.destroy());
  }

  private cut(client: Socket, upstream: Socket, commit: Buffer): void {
    upstream.unpipe().resume();
    if (this.random() < 0.5) {
      this.cuts.unheard++;
      upstream.end();
    } else {
      this.cuts.unanswered++;
      upstream.end(commit);
    }
    client.destroy();
  }
}
