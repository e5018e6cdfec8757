import { expect, test } from '@jest/globals';
import { Pace } from '../../src/jobs/pace.js';

test('a few at once keep nobody waiting', () => {
  const pace = new Pace();
  expect(pace.projectionWaits(0)).toBe(false);
  pace.answered(1, 0);
  pace.answered(3, 1);
  expect(pace.projectionWaits(2)).toBe(false);
  expect(pace.listenersWait(2)).toBe(false);
});

test('many at once go first, until none have come for a moment', () => {
  const pace = new Pace();
  pace.answered(30, 100);
  expect(pace.projectionWaits(101)).toBe(true);
  expect(pace.listenersWait(101)).toBe(true);
  pace.answered(1, 110);
  expect(pace.projectionWaits(120)).toBe(true);
  expect(pace.projectionWaits(121)).toBe(false);
});

test('nobody waits longer than ten seconds, and for the next rush again', () => {
  const pace = new Pace();
  for (let now = 0; now <= 20_000; now += 10) {
    pace.answered(30, now);
    expect(pace.projectionWaits(now)).toBe(now < 10_000);
  }
  pace.answered(30, 20_100);
  expect(pace.projectionWaits(20_101)).toBe(true);
});

test('listeners wait while there is more to project, and the projection does not', () => {
  const pace = new Pace();
  pace.projected(true, 0);
  expect(pace.projectionWaits(1)).toBe(false);
  expect(pace.listenersWait(1000)).toBe(true);
  pace.projected(false, 1001);
  expect(pace.listenersWait(1001)).toBe(false);
});

test('a turn is waited for', async () => {
  const pace = new Pace();
  pace.answered(30);
  await pace.untilProjection();
  await pace.untilListeners();
  expect(pace.listenersWait()).toBe(false);
});
