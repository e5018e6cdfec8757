import base from './jest.config.mjs';

/** The architecture test alone, which needs no database. */
const { globalSetup: _setup, globalTeardown: _teardown, ...rest } = base;
export default { ...rest, testMatch: ['**/test/architecture.test.ts'] };
