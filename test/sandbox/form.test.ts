import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeForm } from '../../src/sandbox/form.js';

test('a form is read as the platform reads it, odd escapes and all', () => {
  const bits = ['a', 'b', 'é', '=', '&', '+', '%', '%20', '%C3%A9', '%C3', '%zz', '%26', '%3D', '%2B', '\u{1F600}'];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...bits)), (parts) => {
      const text = parts.join('');
      // A field without a name is the next of a list.
      fc.pre(!new URLSearchParams(text).has(''));
      expect(decodeForm(text)).toEqual(new Map(new URLSearchParams(text)));
    }),
    { numRuns: 1_000 },
  );
});

test('nested fields and lists are nested maps', () => {
  expect(decodeForm('items[0][price]=p&items%5B0%5D%5Bquantity%5D=2&expand[]=x&expand[]=y')).toEqual(
    new Map<string, unknown>([
      [
        'items',
        new Map([
          [
            '0',
            new Map([
              ['price', 'p'],
              ['quantity', '2'],
            ]),
          ],
        ]),
      ],
      [
        'expand',
        new Map([
          ['0', 'x'],
          ['1', 'y'],
        ]),
      ],
    ]),
  );
});
