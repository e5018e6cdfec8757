import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PostgresProgramFailed } from './embedded-postgres.errors.js';
import { findPostgres, programIn, type PostgresProgram } from './postgres-binaries.js';

const exec = promisify(execFile);
const RELOCATED = '/var/lib/good-standing';

interface Account {
  uid: number;
  gid: number;
}

/** How PostgreSQL's programs are run here, and the folder below which its files lie. */
export interface PostgresRunner {
  folder: string;
  /** Whom the files must belong to; null: to whoever runs this process. */
  account: Account | null;
  /** @throws PostgresProgramFailed */
  run(program: PostgresProgram, args: string[], timeoutMs: number): Promise<void>;
}

/**
 * PostgreSQL refuses to run as root, so root lends it another account: with setpriv, which leaves that account the one
 * capability it needs to reach files below a folder that only root may enter; without setpriv, by moving binaries and
 * data to where the account may go.
 */
export async function postgresRunner(dataFolder: string): Promise<PostgresRunner> {
  const native = findPostgres();
  if (process.getuid?.() !== 0) return runner(native, dataFolder, null, []);

  const relocated = join(RELOCATED, createHash('sha256').update(dataFolder).digest('hex').slice(0, 12));
  const account = (await ownerOf(join(dataFolder, 'postgres', 'data'))) ?? (await nobody());
  const wrapper = setpriv(account);
  const canWrap = await works([...wrapper, programIn(native, 'postgres'), '--version']);
  if (canWrap && !existsSync(join(relocated, 'postgres'))) {
    return runner(native, dataFolder, account, wrapper);
  }
  return runner(await copyBinaries(native, relocated), relocated, account, []);
}

function runner(native: string, folder: string, account: Account | null, wrapper: string[]): PostgresRunner {
  const switchUser = account !== null && wrapper.length === 0 ? account : {};
  return {
    folder,
    account,
    async run(program, args, timeoutMs) {
      const [command = '', ...rest] = [...wrapper, programIn(native, program), ...args];
      // The person's PG* variables would steer the programs, another language would hide what the log is searched for.
      const env = { PATH: process.env['PATH'], SystemRoot: process.env['SystemRoot'], LC_ALL: 'C' };
      try {
        await exec(command, rest, { cwd: folder, env, timeout: timeoutMs, ...switchUser });
      } catch (error) {
        throw new PostgresProgramFailed(program, outputOf(error));
      }
    },
  };
}

/** The securebit keeps the capability across the change of user; initdb's own access check needs it. */
function setpriv(account: Account): string[] {
  return [
    'setpriv',
    '--securebits=+no_setuid_fixup',
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
  ];
}

/** Copied beside and then renamed, so that a copy cut off half way is never taken for a whole one. */
async function copyBinaries(native: string, relocated: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8'));
  const target = join(relocated, `native-${version}`);
  if (existsSync(target)) return target;
  await mkdir(relocated, { recursive: true, mode: 0o755 });
  for (const folder of [RELOCATED, relocated]) await chmod(folder, 0o755);
  const unfinished = `${target}.${process.pid}`;
  await rm(unfinished, { recursive: true, force: true });
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
  await rename(unfinished, target);
  return target;
}

/** Null when there is no such folder, or root owns it. */
async function ownerOf(folder: string): Promise<Account | null> {
  const found = await stat(folder).catch(() => null);
  return found === null || found.uid === 0 ? null : { uid: found.uid, gid: found.gid };
}

async function nobody(): Promise<Account> {
  const [uid, gid] = await Promise.all(['-u', '-g'].map((flag) => exec('id', [flag, 'nobody'])));
  return { uid: Number(uid?.stdout), gid: Number(gid?.stdout) };
}

async function works([command = '', ...args]: string[]): Promise<boolean> {
  return exec(command, args, { timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}

function outputOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { stderr = '', stdout = '' } = error as Error & { stderr?: string; stdout?: string };
  return `${stdout}${stderr}`.trim() === '' ? error.message : `${stdout}${stderr}`;
}
