import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import type { EmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { until } from '../support/query.js';

/** A PostgreSQL of a test's own, which may crash; it keeps its data, its port and its promises. */
export class OwnPostgres {
  private constructor(
    private readonly dataDir: string,
    private readonly settings: Record<string, string>,
    private server: EmbeddedPostgres,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<OwnPostgres> {
    const dataDir = await mkdtemp(join(tmpdir(), 'good-standing-own-postgres-'));
    return new OwnPostgres(dataDir, settings, await startEmbeddedPostgres({ dataDir, settings }));
  }

  get url(): string {
    return this.server.url;
  }

  /** As when its machine loses power: nothing is put in order. */
  async crash(): Promise<void> {
    const file = join(this.dataDir, 'postgres', 'data', 'postmaster.pid');
    const pid = Number((await readFile(file, 'utf8')).split('\n')[0]);
    process.kill(pid, 'SIGQUIT');
    await until(() => !isAlive(pid));
  }

  async startAgain(): Promise<void> {
    const { dataDir, settings } = this;
    this.server = await startEmbeddedPostgres({ dataDir, settings });
  }

  async remove(): Promise<void> {
    await this.server.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
