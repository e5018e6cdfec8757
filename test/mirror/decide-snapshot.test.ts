import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decideSnapshot } from '../../src/mirror/decide-snapshot.js';
import type { KnownSnapshot, SnapshotEvent, Verdict } from '../../src/mirror/decide-snapshot.js';

const PINNED = '2026-10-28.endive';
const T0 = Date.UTC(2026, 0, 1);
const at = (second: number) => new Date(T0 + second * 1000);

function row(overrides: Partial<KnownSnapshot> = {}): KnownSnapshot {
  return { data: { id: 'x', v: 1 }, as_of: at(100), as_of_max: at(100), deleted: false, phase: 1, ...overrides };
}

function event(overrides: Partial<SnapshotEvent> = {}): SnapshotEvent {
  return {
    api_version: PINNED,
    created: at(110),
    object: { id: 'x', v: 2 },
    previous_attributes: { v: 1 },
    deletes: false,
    phase: 1,
    begins_phase: false,
    truncated: false,
    ...overrides,
  };
}

describe('the table of decisions', () => {
  test.each<[string, KnownSnapshot | null, SnapshotEvent, Verdict]>([
    ['an object not seen before', null, event(), 'apply'],
    ['an object not seen before, its list cut short', null, event({ truncated: true }), 'refetch'],
    ['newer, and what it calls previous is what the row holds', row(), event(), 'apply'],
    [
      'newer, and what it calls previous is not what the row holds',
      row(),
      event({ previous_attributes: { v: 0 } }),
      'refetch',
    ],
    ['newer, and not an update', row(), event({ previous_attributes: null }), 'apply'],
    ['newer, and equal to the row (a gap was filled by a fetch)', row({ data: { id: 'x', v: 2 } }), event(), 'apply'],
    ['newer, its list cut short', row(), event({ truncated: true }), 'refetch'],
    ['older by more than a second', row(), event({ created: at(98) }), 'ignore'],
    ['older, its list cut short', row(), event({ created: at(98), truncated: true }), 'ignore'],
    ['the same second, though undoing its change gives the row', row(), event({ created: at(100) }), 'refetch'],
    ['the neighbouring second before', row({ data: { id: 'x', v: 9 } }), event({ created: at(99) }), 'refetch'],
    ['the neighbouring second after', row({ data: { id: 'x', v: 9 } }), event({ created: at(101) }), 'refetch'],
    ['the neighbouring second after, by clocks that differ', row(), event({ created: at(101) }), 'refetch'],
    ['the same second, equal to the row', row({ data: { id: 'x', v: 2 } }), event({ created: at(100) }), 'ignore'],
    ['while a fetched answer was on its way', row({ as_of_max: at(120) }), event(), 'refetch'],
    ['after a fetched answer had arrived', row({ as_of_max: at(105) }), event(), 'apply'],
    ['a phase that is never left backwards', row({ phase: 3 }), event(), 'ignore'],
    [
      'a later phase in the same second',
      row(),
      event({ created: at(100), phase: 3, previous_attributes: null }),
      'apply',
    ],
    ['the first of the phase that the row is in', row(), event({ created: at(100), begins_phase: true }), 'ignore'],
    ['an object made anew under its old id', row(), event({ begins_phase: true, previous_attributes: null }), 'apply'],
    ['the first of a later phase', row({ phase: 0 }), event({ created: at(100), begins_phase: true }), 'apply'],
    ['another API version', row(), event({ api_version: '2020-08-27' }), 'refetch'],
    ['no API version', row(), event({ api_version: null }), 'refetch'],
    ['a deletion', row(), event({ deletes: true, created: at(50) }), 'apply'],
    ['anything after a deletion', row({ deleted: true }), event(), 'ignore'],
    ['another API version after a deletion', row({ deleted: true }), event({ api_version: null }), 'ignore'],
  ])('%s', (_, known, incoming, verdict) => {
    expect(decideSnapshot(known, incoming, PINNED)).toBe(verdict);
  });

  test('previous attributes are compared inside hashes, arrays as a whole', () => {
    const known = row({ data: { id: 'x', hash: { a: 1, b: 2 }, list: [1, 2] } });
    const matching = event({ previous_attributes: { hash: { a: 1 }, list: [1, 2] } });
    const other = event({ previous_attributes: { hash: { a: 1 }, list: [1] } });
    expect(decideSnapshot(known, matching, PINNED)).toBe('apply');
    expect(decideSnapshot(known, other, PINNED)).toBe('refetch');
  });
});

/** A life of one object: each step changes some attributes, some begin a phase, some fall into the same second. */
interface Life {
  states: Array<Record<string, number>>;
  events: SnapshotEvent[];
}

const life = fc
  .array(
    fc.record({
      gap: fc.constantFrom(0, 0, 0, 1, 1, 2, 5, 60),
      a: fc.integer({ min: 0, max: 2 }),
      b: fc.integer({ min: 0, max: 2 }),
      phase: fc.boolean(),
    }),
    { minLength: 1, maxLength: 7 },
  )
  .map((steps): Life => {
    const states: Life['states'] = [{ a: 0, b: 0, phase: 0 }];
    const events: SnapshotEvent[] = [
      event({ created: at(0), object: states[0], previous_attributes: null, phase: 0, begins_phase: true }),
    ];
    let second = 0;
    for (const step of steps) {
      second += step.gap;
      const before = states.at(-1) ?? {};
      const phase = (before['phase'] ?? 0) + (step.phase ? 1 : 0);
      const after = { a: step.a, b: step.b, phase };
      const previous_attributes = difference(before, after);
      if (Object.keys(previous_attributes).length === 0) continue;
      states.push(after);
      events.push(event({ created: at(second), object: after, previous_attributes, phase, begins_phase: step.phase }));
    }
    return { states, events };
  });

/** What the mirror does with a verdict; a refetch reads the life's last state, as Stripe would answer. */
function deliver(known: KnownSnapshot | null, incoming: SnapshotEvent, { states, events }: Life): KnownSnapshot | null {
  const verdict = decideSnapshot(known, incoming, PINNED);
  if (verdict === 'ignore') return known;
  const now = events.at(-1)?.created ?? at(0);
  const taken =
    verdict === 'apply' ? { data: incoming.object, moment: incoming.created } : { data: states.at(-1), moment: now };
  const moment = known && known.as_of > taken.moment ? known.as_of : taken.moment;
  const { phase = 1 } = taken.data as { phase?: number };
  return row({ data: taken.data, as_of: moment, as_of_max: moment, phase });
}

describe('properties', () => {
  test('any order, any number of times: the end is what Stripe holds', () => {
    const orders = life.chain((one) =>
      fc.tuple(
        fc.constant(one),
        fc.shuffledSubarray(one.events, { minLength: one.events.length }),
        fc.array(fc.nat({ max: one.events.length - 1 }), { maxLength: 5 }),
      ),
    );
    fc.assert(
      fc.property(orders, ([one, shuffled, again]) => {
        const arrivals = [...shuffled, ...again.flatMap((index) => shuffled[index] ?? [])];
        // A duplicate never reaches the decision (its id is in the inbox), so each event counts once, at its first arrival.
        const known = [...new Set(arrivals)].reduce<KnownSnapshot | null>(
          (before, incoming) => deliver(before, incoming, one),
          null,
        );
        expect(known?.data).toEqual(one.states.at(-1));
      }),
      { numRuns: 10_000 },
    );
  });

  test.each([
    ['of one phase', [1, 1, 1, 1, 1, 1, 1]],
    ['of three phases', [0, 0, 1, 1, 1, 2, 2]],
  ])('all orders of a life of seven events within three seconds, %s, end alike', (_, phases) => {
    const states = [0, 1, 0, 1, 2, 0, 2].map((a, index) => ({ a, b: index % 2, phase: phases[index] ?? 0 }));
    const events = states.map((state, index) =>
      event({
        created: at(Math.floor(index / 3)),
        object: state,
        previous_attributes: index === 0 ? null : difference(states[index - 1] ?? state, state),
        phase: state.phase,
        begins_phase: index === 0 || phases[index] !== phases[index - 1],
      }),
    );
    const one: Life = { states, events };
    let orders = 0;
    for (const order of permutations(events)) {
      orders++;
      const known = order.reduce<KnownSnapshot | null>((before, incoming) => deliver(before, incoming, one), null);
      const spelled = order.map((each) => events.indexOf(each)).join(' ');
      expect({ spelled, end: known?.data }).toEqual({ spelled, end: states.at(-1) });
    }
    expect(orders).toBe(5040);
  });

  test('in order and seconds apart nothing is ever fetched', () => {
    fc.assert(
      fc.property(life, ({ states, events }) => {
        const spread = events.map((one, index) => ({ ...one, created: at(index * 2) }));
        let known: KnownSnapshot | null = null;
        for (const one of spread) {
          expect(decideSnapshot(known, one, PINNED)).toBe('apply');
          known = deliver(known, one, { states, events: spread });
        }
      }),
    );
  });
});

function difference(before: Record<string, number>, after: Record<string, number>): object {
  return Object.fromEntries(Object.entries(before).filter(([key, value]) => after[key] !== value));
}

function* permutations<T>(items: T[]): Generator<T[]> {
  if (items.length <= 1) yield items;
  for (const [index, item] of items.entries()) {
    if (items.length <= 1) return;
    for (const rest of permutations([...items.slice(0, index), ...items.slice(index + 1)])) yield [item, ...rest];
  }
}
