import { expect, test } from '@jest/globals';
import { refusalOf } from '../../src/notifications/mailer.js';

test.each([
  ['EENVELOPE', 550, 'no such person'],
  ['EMESSAGE', 554, 'no such person'],
  ['EENVELOPE', 450, null],
  ['EMESSAGE', 451, null],
  // The operator's fault: the e-mails wait until the password is mended.
  ['EAUTH', 535, null],
  ['ECONNECTION', 554, null],
  ['ESOCKET', undefined, null],
])('%s with %s refuses for good: %j', (code, responseCode, refusal) => {
  expect(refusalOf(Object.assign(new Error('no such person'), { code, responseCode }))).toBe(refusal);
});

test('what is no SMTP error may pass', () => {
  expect(refusalOf(new Error('the database is away'))).toBeNull();
  expect(refusalOf('nothing')).toBeNull();
});
