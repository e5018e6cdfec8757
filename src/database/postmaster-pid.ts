import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a server writes into its data folder: https://www.postgresql.org/docs/current/storage-file-layout.html */
export interface PostmasterPid {
  path: string;
  pid: number;
  port: number;
}

/** The lock file of the server that runs, or ran, in this folder; null when there is none that can be read as one. */
export async function readPostmasterPid(dataFolder: string): Promise<PostmasterPid | null> {
  const path = join(dataFolder, 'postmaster.pid');
  const text = await readFile(path, 'utf8').catch(() => null);
  if (text === null) return null;
  const lines = text.split('\n');
  return { path, pid: Number(lines[0]), port: Number(lines[3]) };
}

/**
 * Who has the pid of the lock file now. After a reboot or in a new container it may belong to a stranger, and PostgreSQL
 * would refuse to start because of it; a zombie counts as one, for nobody may ever reap it.
 */
export async function lockHolder(dataFolder: string, lock: PostmasterPid): Promise<'server' | 'stranger' | 'nobody'> {
  if (!isAlive(lock.pid)) return 'nobody';
  const command = await commandLineOf(lock.pid);
  if (command === null) return 'server';
  return command.includes('postgres') && command.includes(dataFolder) ? 'server' : 'stranger';
}

export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Null when this platform does not tell; an empty text is a zombie. */
async function commandLineOf(pid: number): Promise<string | null> {
  try {
    if (process.platform === 'linux') return await readFile(`/proc/${pid}/cmdline`, 'utf8');
    if (process.platform === 'win32') return null;
    return (await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { timeout: 5_000 })).stdout;
  } catch {
    return null;
  }
}
