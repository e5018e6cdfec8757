import { FIELDS, PLACES, type FieldType, type Searchable } from './fields.js';
import { refused, type Clause, type Query } from './query.js';

/** A test for objects of this type; refuses fields and operators that the type does not have. */
export function matcher(type: Searchable, { clauses, joined }: Query): (object: object) => boolean {
  const tests = clauses.map((clause) => testOf(type, clause));
  return joined === 'or'
    ? (object) => tests.some((test) => test(object))
    : (object) => tests.every((test) => test(object));
}

function testOf(type: Searchable, clause: Clause): (object: object) => boolean {
  const kind = kindOf(type, clause);
  const path =
    clause.key === null
      ? (PLACES.get(`${type} ${clause.field}`) ?? clause.field).split('.')
      : [clause.field, clause.key];
  return (object) => holds(clause, kind, valueAt(object, path)) !== clause.negated;
}

function kindOf(type: Searchable, { field, key, operator, value }: Clause): FieldType {
  const fields = new Map<string, FieldType>(Object.entries(FIELDS[type]));
  const kind = key === null ? fields.get(field) : field === 'metadata' ? 'token' : undefined;
  if (kind === undefined)
    throw refused(
      `uses \`${field}\`, which is unsupported for this resource (${[...fields.keys(), 'metadata'].join(', ')})`,
    );
  if (operator === '~' && kind !== 'string') throw refused(`uses ~ on \`${field}\`, which has no substring match`);
  if (operator === '~' && (value ?? '').length < 3) throw refused('uses ~ with fewer than 3 characters');
  if (!':~'.includes(operator) && kind !== 'numeric') throw refused(`compares \`${field}\`, which is no number`);
  if (kind === 'numeric' && value !== null && Number.isNaN(Number(value)))
    throw refused(`compares \`${field}\` with no number`);
  return kind;
}

function holds({ operator, value }: Clause, kind: FieldType, found: string | null): boolean {
  if (value === null) return found === null;
  if (found === null) return false;
  if (kind === 'numeric') return COMPARES[operator](Number(found), Number(value));
  // Text is compared without regard to case; tokens, as ids and metadata, are taken as they are.
  if (kind === 'token') return found === value;
  const [text, wanted] = [found.toLowerCase(), value.toLowerCase()];
  return operator === '~' ? text.includes(wanted) : text === wanted;
}

const COMPARES: Record<Clause['operator'], (found: number, wanted: number) => boolean> = {
  ':': (found, wanted) => found === wanted,
  '~': () => false,
  '>': (found, wanted) => found > wanted,
  '<': (found, wanted) => found < wanted,
  '>=': (found, wanted) => found >= wanted,
  '<=': (found, wanted) => found <= wanted,
};

function valueAt(object: object, path: readonly string[]): string | null {
  const found = path.reduce<unknown>(
    (value, name) =>
      typeof value === 'object' && value !== null
        ? new Map<string, unknown>(Object.entries(value)).get(name)
        : undefined,
    object,
  );
  if (typeof found === 'object' && found !== null && 'id' in found) return String(found.id);
  return typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean' ? String(found) : null;
}
