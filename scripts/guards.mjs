// Takes each guard of test/guards.ts away, in a copy of the tree, and expects its test to fail. `--only projector.ts` takes
// those whose row, file or name the expression matches; `--jobs 2` is how many go at once; `--table` writes test/README.md.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { guards, guardTable } from '../test/guards.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Of a test, and of the end of a file whose test hangs without its guard. */
const TEST_TIMEOUT_MS = 45_000;
const LONGEST_RUN_MS = 240_000;
const LEFT_OUT = new Set(['.git', '.data', 'node_modules', 'dist']);
/** That a test fails must be its own word: an assertion, or an error that it throws itself, and no fault of its making. */
const OWN_WORD = /expect\(|AssertionError|Property failed|Exceeded timeout|^[^\n]*\n+ +at [^\n]*[\\/]test[\\/]/;
const BROKEN = /^(ReferenceError|SyntaxError|TypeError)\b|Cannot find module/m;

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    jobs: { type: 'string', default: '2' },
    table: { type: 'boolean', default: false },
  },
});
if (values.table) {
  const path = join(ROOT, 'test/README.md');
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(/^\| #[^]*\|$/m, () => guardTable()),
  );
  process.exit();
}
const chosen = guards.filter((guard) => new RegExp(values.only).test(titleOf(guard)));
const running = new Set();
const faults = [];
let stopping = false;
let done = 0;

const folder = mkdtempSync(join(tmpdir(), 'good-standing-guards-'));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);

const [first, ...others] = Array.from({ length: Math.max(1, Number(values.jobs)) }, (_, index) =>
  join(folder, `copy-${index + 1}`),
);
let tearDown;
try {
  copyTree(ROOT, first);
  const built = await run(first, ['node_modules/@nestjs/cli/bin/nest.js', 'build']);
  if (built.code !== 0 && !stopping) throw new Error(`The build failed:\n${built.output}`);
  for (const copy of others) cpSync(first, copy, { recursive: true, verbatimSymlinks: true });
  // One PostgreSQL for all runs: each would take longer over its own than over its tests.
  if (!stopping) await setUpIn(first);
  // Those of one file go one after the other: its test is shown to pass with all of them in place before.
  const files = [...Map.groupBy(chosen, ({ test }) => test).values()].toSorted((a, b) => b.length - a.length);
  await Promise.all([first, ...others].map((copy) => work(copy, files)));
} finally {
  await tearDown?.();
  rmSync(folder, { recursive: true, force: true });
}

if (stopping) process.exitCode = 130;
else if (faults.length > 0 || chosen.length === 0) {
  console.log(`\n${chosen.length} guards, ${faults.length} of them not shown to be needed:`);
  for (const fault of faults) console.log(`- ${fault}`);
  process.exitCode = 1;
} else console.log(`${chosen.length} guards, all needed`);

async function work(copy, files) {
  for (let mine = files.shift(); mine !== undefined && !stopping; mine = files.shift()) {
    const before = await runTests(copy, mine[0].test, mine);
    for (const guard of mine) if (!stopping) report(guard, await judge(copy, guard, before));
  }
}

/** @returns what is wrong with the guard, its patch or its test; null: it is needed */
async function judge(copy, guard, before) {
  const intact = of(before, guard);
  if (before.fault) return before.fault;
  if (intact.length === 0) return `there is no test '${guard.by}' in ${guard.test}`;
  const [failed] = intact.filter(({ status }) => status !== 'passed');
  if (failed) return `'${failed.fullName}' does not pass with it in place: ${messageOf(failed)}`;

  const path = join(copy, guard.file);
  const text = readFileSync(path, 'utf8');
  const parts = text.split(guard.find);
  if (parts.length !== 2) return `what its patch looks for is there ${parts.length - 1} times: ${guard.find}`;
  writeFileSync(path, parts.join(guard.replace));
  try {
    return verdictOn(await runTests(copy, guard.test, [guard]), guard);
  } finally {
    writeFileSync(path, text);
  }
}

function verdictOn(after, guard) {
  if (after.fault) return after.fault;
  const failures = of(after, guard).filter(({ status }) => status === 'failed');
  if (failures.length === 0) return `nothing fails without it: '${guard.by}' of ${guard.test} passes all the same`;
  const honest = failures.some((one) => OWN_WORD.test(messageOf(one)) && !BROKEN.test(messageOf(one)));
  return honest ? null : `without it '${guard.by}' does not fail by its own word: ${messageOf(failures[0])}`;
}

function titleOf({ row, file, name }) {
  return `${row === null ? 'beyond' : `row ${row}`}, ${file}: ${name}`;
}

function report(guarded, fault) {
  const guard = titleOf(guarded);
  done++;
  if (stopping) return;
  console.log(`${fault ? 'FAILED' : 'needed'}  ${done}/${chosen.length}  ${guard}${fault ? `\n        ${fault}` : ''}`);
  if (fault) faults.push(`${guard}: ${fault}`);
}

function of({ results }, { by }) {
  return results.filter(({ fullName, status }) => fullName.includes(by) && status !== 'pending');
}

function messageOf({ failureMessages }) {
  return failureMessages.join('\n').slice(0, 1500);
}

/** @returns `fault` when there is no word of the tests at all */
async function runTests(copy, test, mine) {
  const outputFile = join(copy, 'results.json');
  rmSync(outputFile, { force: true });
  const { code, output } = await run(copy, [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    ...['--runInBand', '--json', `--outputFile=${outputFile}`],
    ...['--testNamePattern', mine.map(({ by }) => by.replaceAll(/[^\w\s]/g, String.raw`\$&`)).join('|')],
    ...['--runTestsByPath', test],
  ]);
  if (code === null) return { results: [], fault: `${test} did not end within ${LONGEST_RUN_MS / 1000} s` };
  try {
    const { testResults, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(outputFile, 'utf8'));
    const broken = numRuntimeErrorTestSuites > 0 ? `${test} does not run: ${testResults[0]?.message}` : null;
    return { results: testResults.flatMap(({ assertionResults }) => assertionResults), fault: broken };
  } catch {
    return { results: [], fault: `${test} left no results: ${output.slice(-1500)}` };
  }
}

/** @returns a code of null: it was ended for taking too long */
async function run(cwd, args) {
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LONGEST_RUN_MS,
    killSignal: 'SIGKILL',
  });
  running.add(child);
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  running.delete(child);
  return { code, output };
}

function copyTree(from, to) {
  cpSync(from, to, { recursive: true, filter: (path) => !LEFT_OUT.has(relative(from, path).split(sep)[0]) });
  symlinkSync(realpathSync(join(from, 'node_modules')), join(to, 'node_modules'), 'junction');
}

async function setUpIn(copy) {
  const support = pathToFileURL(join(copy, 'test/support/'));
  ({ default: tearDown } = await import(new URL('global-teardown.mjs', support).href));
  const { default: setUp } = await import(new URL('global-setup.mjs', support).href);
  await setUp();
  if (process.env.TEST_DATABASE_FAULT) throw new Error(process.env.TEST_DATABASE_FAULT);
}

/** The working tree was never touched: what is left is to end what runs, and the copies go. */
function stop() {
  stopping = true;
  for (const child of running) child.kill('SIGKILL');
}
