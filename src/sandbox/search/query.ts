import { ParameterError } from '../errors.js';

/** `-metadata["key"]:"value"` */
export interface Clause {
  negated: boolean;
  field: string;
  /** Of `metadata["key"]`. */
  key: string | null;
  operator: ':' | '~' | '>' | '<' | '>=' | '<=';
  /** null: `field:null`, which asks whether there is a value. */
  value: string | null;
}
export interface Query {
  clauses: Clause[];
  joined: 'and' | 'or';
}

const CLAUSE =
  /^(-?)([a-z_]+(?:\.[a-z0-9_]+)*)(?:\[(?:"([^"]*)"|'([^']*)')\])?(:|~|>=|<=|>|<)(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(-?[\w.]+))(?=\s|$)/;
/** https://docs.stripe.com/search#limitations */
const MOST = 10;

/** Reads Stripe's search language: https://docs.stripe.com/search#search-query-language */
export function readQuery(text: string): Query {
  const clauses: Clause[] = [];
  const joins = new Set<string>();
  let rest = text.trim();
  while (rest !== '') {
    const join = /^(and|or)\s+/i.exec(rest);
    if (join !== null && clauses.length > 0) {
      joins.add((join[1] ?? '').toLowerCase());
      rest = rest.slice(join[0].length);
    } else if (clauses.length > 0) joins.add('and');
    const match = CLAUSE.exec(rest);
    if (match === null) throw refused(`could not be parsed at “${rest.slice(0, 40)}”`);
    clauses.push(clauseOf(match));
    rest = rest.slice(match[0].length).trim();
  }
  if (clauses.length === 0) throw refused('is empty');
  if (clauses.length > MOST) throw refused(`has more than ${MOST} clauses`);
  if (joins.size > 1) throw refused('mixes AND with OR, which cannot be combined');
  return { clauses, joined: joins.has('or') ? 'or' : 'and' };
}

export function refused(why: string): ParameterError {
  return new ParameterError(
    `The search query ${why}. See https://docs.stripe.com/search#search-query-language.`,
    'query',
  );
}

function clauseOf(match: RegExpExecArray): Clause {
  const [, sign, field = '', key, otherKey, operator, quoted, otherQuoted, bare] = match;
  const text = quoted ?? otherQuoted;
  if (text === undefined && bare !== 'null' && !/^-?\d+(\.\d+)?$/.test(bare ?? ''))
    throw refused(`needs quotes around “${bare}”`);
  return {
    negated: sign === '-',
    field,
    key: key ?? otherKey ?? null,
    operator: operatorOf(operator),
    value: text === undefined ? (bare === 'null' ? null : (bare ?? '')) : text.replaceAll(/\\(.)/g, '$1'),
  };
}

const OPERATORS = [':', '~', '>=', '<=', '>', '<'] as const;
function operatorOf(text: string | undefined): Clause['operator'] {
  return OPERATORS.find((known) => known === text) ?? ':';
}
