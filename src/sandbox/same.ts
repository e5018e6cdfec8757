/**
 * Whether two values are the same on the wire. What was not changed is the same object in both, so this seldom has far
 * to look; putting both into words takes ten times as long.
 */
export function same(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other))
    return (
      Array.isArray(one) &&
      Array.isArray(other) &&
      one.length === other.length &&
      one.every((value, index) => same(value, other[index]))
    );
  // Decimals, which are text on the wire.
  if ('toJSON' in one || 'toJSON' in other) return JSON.stringify(one) === JSON.stringify(other);
  return sameFields(one, other);
}

/** A field that is undefined is not there on the wire. */
function sameFields(one: object, other: object): boolean {
  for (const name of Object.keys(one)) if (!same(Reflect.get(one, name), Reflect.get(other, name))) return false;
  for (const name of Object.keys(other))
    if (!Object.hasOwn(one, name) && Reflect.get(other, name) !== undefined) return false;
  return true;
}
