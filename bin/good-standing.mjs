#!/usr/bin/env node
// `npx good-standing sandbox …`: the commands of the package, each a program of its own, run by the Node that came along.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMANDS = { sandbox: 'dist/src/sandbox/sandbox.cli.js' };
const [command, ...args] = process.argv.slice(2);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const program = Object.hasOwn(COMMANDS, command ?? '') ? join(root, COMMANDS[command]) : undefined;

if (program === undefined) {
  console.error(
    `Usage: good-standing <${Object.keys(COMMANDS).join('|')}> [options]; --help after a command explains it.`,
  );
  process.exitCode = 1;
} else if (!existsSync(program)) {
  console.error(`${program} is not there yet: run \`npm run build\` first.`);
  process.exitCode = 1;
} else {
  const node = Number(process.versions.node.split('.', 1)[0]) >= 24 ? process.execPath : ownNode();
  const child = spawn(node, ['--enable-source-maps', program, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => (process.exitCode = code ?? 1));
}

/** The sandbox keeps its state in `node:sqlite`, which older Nodes have not. */
function ownNode() {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin/node');
  } catch {
    return process.execPath;
  }
}
