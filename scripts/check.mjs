// Everything that can be said about the code without running the product: one command, every fault of every check shown.
import { spawn } from 'node:child_process';

const FOLDERS = ['src', 'config', 'migrations', 'test', 'bench'];

/** Name, program, arguments. */
const checks = [
  ['format', 'oxfmt', ['--check', ...FOLDERS, 'scripts']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings', ...FOLDERS]],
  ['types', 'tsc', ['--noEmit']],
  ['build', 'nest', ['build']],
  // Needs the build: the CLI reads the entities from there. It compares them with migrations/.snapshot.json.
  ['migrations agree with the entities', 'mikro-orm', ['migration:check']],
  [
    'architecture',
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
      '--config',
      'jest.architecture.config.mjs',
    ],
  ],
];

let failed = 0;
for (const [name, program, args] of checks) {
  const { code, output } = await run(program, args);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name}`);
  if (code !== 0) {
    failed++;
    console.log(output);
  }
}
process.exitCode = failed === 0 ? 0 : 1;

function run(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code, output }));
  });
}
