import { readFileSync } from 'node:fs';

const swc = JSON.parse(readFileSync(new URL('./.swcrc', import.meta.url), 'utf8'));

/** @type {import('jest').Config} */
export default {
  roots: ['<rootDir>/test'],
  // `npm run test:faults` has those that start the built programs, kill them and wait for the survivors.
  testMatch: ['**/*.test.ts', '**/*.test.tsx', '!**/test/faults/**'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.tsx?$': ['@swc/jest', swc] },
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  reporters: ['default', '<rootDir>/test/support/count-reporter.mjs'],
  // Not a measure of speed: only what hangs may run into it, also on a crowded machine.
  testTimeout: 90_000,
  // More than two cores: much of the time is waiting, for processes and for limits that are tried in real time.
  maxWorkers: 4,
  // Of `test.concurrent`: each has processes of its own to start.
  maxConcurrency: 2,
};
