import { expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { Table } from '../../src/sandbox/table.js';

interface Thing {
  id: string;
  owner: string;
  note: string;
  unit_amount_decimal: Stripe.Decimal | null;
}

function thing(index: number): Thing {
  const unit_amount_decimal = index % 2 === 0 ? null : Stripe.Decimal.from(`${index}.5`);
  return { id: `t_${index}`, owner: `o_${index % 10}`, note: `${'same '.repeat(100)}\n${index}`, unit_amount_decimal };
}

function tableOf(many: number): Table<Thing> {
  const table = new Table<Thing>({ owner: ({ owner }) => owner }, 100);
  for (let index = 0; index < many; index += 1) table.insert(thing(index), index + 1);
  return table;
}

const noted = (table: Table<Thing>, id: string) => table.row(id)?.value.note;

test('what was put away reads as it was, in its order and by its index', () => {
  const table = tableOf(1_000);
  expect(table.rows().map(({ value }) => value)).toEqual(Array.from({ length: 1_000 }, (_, index) => thing(index)));
  expect(table.rowsBy('owner', 'o_3').map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, n) => n * 10 + 4));
  expect(table.row('t_7')?.value.unit_amount_decimal?.toString()).toBe('7.5');
});

test('it can be changed, and removed, and goes back again', () => {
  const table = tableOf(1_000);
  const row = table.row('t_5');
  if (row === undefined) throw new Error('it is not there');
  table.replace(row, { ...row.value, owner: 'o_new', note: 'changed' });
  expect(table.rowsBy('owner', 'o_new')).toEqual([row]);
  expect(table.rowsBy('owner', 'o_5')).toHaveLength(99);
  for (let index = 1_000; index < 2_000; index += 1) table.insert(thing(index), index + 1);
  expect(noted(table, 't_5')).toBe('changed');
  table.remove(row);
  expect([table.size, table.rows().length, table.row('t_5')]).toEqual([1_999, 1_999, undefined]);
  expect(table.rowsBy('owner', 'o_new')).toEqual([]);
});

test('removing from the middle leaves the order, and what comes back takes its old place', () => {
  const table = tableOf(300);
  for (let index = 0; index < 300; index += 2) {
    const row = table.row(`t_${index}`);
    if (row !== undefined) table.remove(row);
  }
  table.insert(thing(4), 5);
  expect(
    table
      .rows()
      .slice(0, 4)
      .map(({ seq }) => seq),
  ).toEqual([2, 4, 5, 6]);
  expect(table.rows()).toHaveLength(151);
});
