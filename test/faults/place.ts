import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { freePort } from '../support/port.js';
import { PROJECT } from './project.js';
import { Server } from './server.js';

/** Most of a start is loading the same modules. */
const COMPILED = join(tmpdir(), 'good-standing-compiled');

export interface StartOptions {
  env?: Record<string, string>;
  args?: string[];
  /** From the project's root. */
  program?: string;
  /** Another copy of the project. */
  project?: string;
  user?: { uid: number; gid: number };
}

/** A temporary folder, and whatever is started in it; `clear` leaves neither behind. */
export class Place {
  private readonly children: ChildProcess[] = [];
  private killed = false;

  private constructor(
    readonly folder: string,
    readonly dataDir: string,
    private readonly ports: { PORT: string; SANDBOX_PORT: string },
  ) {}

  static async make(dataDir = 'data'): Promise<Place> {
    const folder = await mkdtemp(join(tmpdir(), 'good-standing-process-'));
    const ports = { PORT: String(await freePort()), SANDBOX_PORT: String(await freePort()) };
    return new Place(folder, join(folder, dataDir), ports);
  }

  /** Starts the built server as `npm start` does, without the sample customers; or another program. */
  spawn(options: StartOptions = {}): Server {
    const { env = {}, args = ['--empty'], program = 'dist/src/main.js', project = PROJECT, user } = options;
    const child = spawn(process.execPath, [join(project, program), ...args], {
      cwd: project,
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: COMPILED, DATA_DIR: this.dataDir, ...this.ports, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...user,
    });
    this.children.push(child);
    return new Server(child);
  }

  /** As `spawn`, and waits for the banner. */
  start(options: StartOptions = {}): Promise<Server> {
    return this.spawn(options).ready();
  }

  /** What happens to a server when the machine's owner loses patience; its embedded PostgreSQL lives on. */
  async kill(server: Server): Promise<void> {
    this.killed = true;
    await server.kill();
  }

  /** The command lines of the processes that still run in this place. */
  async processes(): Promise<string[]> {
    const lines = process.platform === 'linux' ? await commandLines() : await psLines();
    return lines.filter((line) => line.includes(this.folder));
  }

  async clear(): Promise<void> {
    await this.endAll();
    if (this.killed && (await this.processes()).length > 0)
      await (await startEmbeddedPostgres({ dataDir: this.dataDir })).stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Whatever was started and has not ended. */
  async endAll(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      this.killed = true;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
}

async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
}

async function psLines(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-eo', 'args=']);
  return stdout.split('\n');
}
