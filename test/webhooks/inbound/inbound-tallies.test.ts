import { expect, test } from '@jest/globals';
import { InboundTallies } from '../../../src/webhooks/inbound/inbound-tallies.js';
import { query } from '../../support/query.js';
import { openRoom } from '../../support/room.js';

test.each([0, 1, 2, 3])('what is being written when the process ends, %i ms after it began, is written', async (ms) => {
  const room = await openRoom([InboundTallies]);
  const tallies = room.get(InboundTallies);
  tallies.note('duplicate', 'customer.created');
  void tallies.flush();
  await new Promise((resolve) => setTimeout(resolve, ms));
  tallies.note('duplicate', 'customer.created');
  await room.close();
  const rows = await query(room.runtime.database.url ?? '', 'select count from inbound_tallies');
  expect(rows).toEqual([{ count: 2 }]);
});
