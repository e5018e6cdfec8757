import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { violations } from './support/architecture.js';
import type { SourceFile } from './support/architecture.js';

function sources(folder: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }));
}

const house = sources('src');

test('every wall stands where ARCHITECTURE puts it', () => {
  expect(house.length).toBeGreaterThan(100);
  expect(violations(house)).toEqual([]);
});

describe('the test can fail: each planted violation is found', () => {
  test.each<[string, string, string, RegExp]>([
    [
      'a module uses one above it',
      'src/customers/x.ts',
      "import { Subscriptions } from '../subscriptions/subscriptions.js';",
      /customers may not use subscriptions/,
    ],
    [
      'the ground knows a module',
      'src/mirror/x.ts',
      "import { Customer } from '../customers/customer.entity.js';",
      /mirror may not use customers/,
    ],
    [
      'somebody imports a room that stands above',
      'src/payments/x.ts',
      "import { Emails } from '../notifications/emails.js';",
      /payments may not use notifications/,
    ],
    [
      "a module's inside is used",
      'src/subscriptions/x.ts',
      "import { customerMirror } from '../customers/customer-from-stripe.js';",
      /customers's own business/,
    ],
    [
      'also by a type',
      'src/subscriptions/x.ts',
      "import type { X } from '../customers/customer-view.js';",
      /customers's own business/,
    ],
    [
      'the sandbox knows the house',
      'src/sandbox/x.ts',
      "import { newId } from '../database/ids.js';",
      /sandbox knows nothing/,
    ],
    [
      'the house reaches into the sandbox',
      'src/stripe/x.ts',
      "import { startSandbox } from '../sandbox/sandbox.js';",
      /stripe may not use sandbox/,
    ],
    ['a barrel', 'src/payments/index.ts', "export * from './payments.js';", /is a barrel/],
    ['forwardRef', 'src/payments/x.module.ts', 'const x = forwardRef(() => Y);', /forwardRef/],
    [
      'a job handler outside a job file',
      'src/access/x.ts',
      "class X {\n  @OnJob('access.recompute')\n  run() {}\n}",
      /@OnJob/,
    ],
    [
      'a listener outside a listener file',
      'src/access/x.ts',
      'class X {\n  @OnDomainEvent({})\n  run() {}\n}',
      /@OnDomainEvent/,
    ],
    ['a table outside an entity file', 'src/access/x.ts', "@Entity({ tableName: 'x' })\nclass X {}", /@Entity/],
    [
      'settings read past the schema',
      'src/payments/x.ts',
      "const key = process.env['STRIPE_SECRET_KEY'];",
      /process\.env/,
    ],
    ['a second door to Stripe', 'src/payments/x.ts', "import Stripe from 'stripe';", /only src\/stripe speaks/],
    ['the machine clock in business time', 'src/access/x.ts', 'const now = new Date();', /business time/],
    ['a circle of rooms', 'src/errors/x.ts', "import { Clock } from '../database/clock.js';", /circle|may not use/],
  ])('%s', (_, path, text, complaint) => {
    const found = violations([...house, { path, text }]);
    expect(found.some((line) => complaint.test(line))).toBe(true);
    expect(violations(house).some((line) => line.startsWith(path))).toBe(false);
  });
});
