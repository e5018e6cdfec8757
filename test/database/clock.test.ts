import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Clock } from '../../src/database/clock.js';

const REAL = new Date('2026-11-21T12:00:00Z').getTime();
const HOUR = 3_600_000;
let real: number;

beforeEach(() => {
  real = REAL;
  jest.spyOn(Date, 'now').mockImplementation(() => real);
});
afterEach(() => {
  jest.restoreAllMocks();
});

test('is real time until it is turned', () => {
  const clock = new Clock();
  real += HOUR;
  expect(clock.now()).toEqual(new Date(REAL + HOUR));
});

test('frozen, it stands still', () => {
  const clock = new Clock();
  const to = new Date('2030-01-31T00:00:00Z');
  clock.turn(to, 'frozen');
  real += HOUR;
  expect(clock.now()).toEqual(to);
});

test.each(['2030-01-31T00:00:00Z', '2020-02-29T00:00:00Z'])('ticking, it goes on from %s as real time does', (to) => {
  const clock = new Clock();
  clock.turn(new Date(), 'frozen');
  clock.turn(new Date(to), 'ticking');
  real += HOUR;
  expect(clock.now()).toEqual(new Date(new Date(to).getTime() + HOUR));
});

test('hands out moments that nobody else changes', () => {
  const clock = new Clock();
  clock.turn(new Date('2030-01-31T00:00:00Z'), 'frozen');
  clock.now().setFullYear(1999);
  expect(clock.now()).toEqual(new Date('2030-01-31T00:00:00Z'));
});
