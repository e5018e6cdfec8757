import { ParameterError } from './errors.js';
import type { Form, FormValue } from './form.js';

/** How one parameter is read: refuses what Stripe refuses, answers its typed value. `name` is `items[0][price]`. */
export interface Kind<T> {
  readonly read: (value: FormValue, name: string) => T;
  /** The table of a hash, or of the hashes in a list. */
  readonly fields?: Shape | undefined;
  readonly isList?: boolean;
}
/** A parameter that must be there. */
export interface Needed<T> extends Kind<T> {
  readonly needed: true;
}
/** The parameters of one verb. */
export type Shape = Record<string, Kind<unknown>>;
type Read<K> = K extends Kind<infer T> ? T : never;
export type Values<S extends Shape> = { [K in keyof S as S[K] extends Needed<unknown> ? K : never]: Read<S[K]> } & {
  [K in keyof S as S[K] extends Needed<unknown> ? never : K]?: Read<S[K]>;
};

/** Checks a whole form against the table of its verb: unknown, missing, wrong type, not in the enum. */
export function readParams<S extends Shape>(shape: S, form: Form, within = ''): Values<S> {
  const label = (name: string) => (within === '' ? name : `${within}[${name}]`);
  const [unknown, ...more] = [...form.keys()].filter((name) => !Object.hasOwn(shape, name)).map(label);
  if (unknown !== undefined)
    throw new ParameterError(
      `Received unknown parameter${more.length > 0 ? 's' : ''}: ${[unknown, ...more].join(', ')}`,
      unknown,
      'parameter_unknown',
    );
  const entries: [string, unknown][] = [];
  for (const [name, kind] of Object.entries(shape)) {
    const value = form.get(name);
    if (value !== undefined) entries.push([name, kind.read(value, label(name))]);
    else if ('needed' in kind)
      throw new ParameterError(`Missing required param: ${label(name)}.`, label(name), 'parameter_missing');
  }
  // The one place where the table becomes its type: every entry was read by its own kind just above.
  return Object.fromEntries(entries) as Values<S>;
}

/** Only what this table has: a verb that takes more than its object holds must not store the rest. */
export function only<S extends Shape>(shape: S, values: Values<S>): Values<S> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(shape, name))) as Values<S>;
}

export function needed<T>(kind: Kind<T>): Needed<T> {
  return { ...kind, needed: true };
}

/** Stripe unsets a value by an empty string; it arrives as null. */
export function clearable<T>(kind: Kind<T>): Kind<T | null> {
  return { ...kind, read: (value, name) => (value === '' ? null : kind.read(value, name)) };
}

export const text: Kind<string> = {
  read(value, name) {
    if (typeof value !== 'string') throw new ParameterError(`Invalid string: ${name}`, name);
    if (value === '')
      throw new ParameterError(
        `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a parameter; however '${name}' cannot be unset. You should remove '${name}' from your request or supply a non-empty value.`,
        name,
        'parameter_invalid_empty',
      );
    if (value.length > 5000) throw new ParameterError(`Invalid string: ${name} must be at most 5000 characters`, name);
    return value;
  },
};

/** Text that an empty string unsets, as most of Stripe's free texts. */
export const note = clearable(text);

export const integer: Kind<number> = {
  read(value, name) {
    if (typeof value !== 'string' || !/^-?\d{1,15}$/.test(value))
      throw new ParameterError(`Invalid integer: ${shown(value)}`, name, 'parameter_invalid_integer');
    return Number(value);
  },
};

export function atLeast(minimum: number): Kind<number> {
  return {
    read(value, name) {
      const number = integer.read(value, name);
      if (number < minimum)
        throw new ParameterError(
          `This value must be greater than or equal to ${minimum}.`,
          name,
          'parameter_invalid_integer',
        );
      return number;
    },
  };
}

export const decimal: Kind<string> = {
  read(value, name) {
    if (typeof value !== 'string' || !/^-?\d{1,15}(\.\d{1,12})?$/.test(value))
      throw new ParameterError(`Invalid decimal: ${shown(value)}`, name);
    return value;
  },
};

export const flag: Kind<boolean> = {
  read(value, name) {
    // Older Python clients write `True`: https://github.com/stripe/stripe-python
    const word = typeof value === 'string' ? value.toLowerCase() : value;
    if (word !== 'true' && word !== 'false') throw new ParameterError(`Invalid boolean: ${shown(value)}`, name);
    return word === 'true';
  },
};

/** Seconds since 1970, UTC. */
export const timestamp: Kind<number> = {
  read(value, name) {
    if (typeof value !== 'string' || !/^\d{1,11}$/.test(value))
      throw new ParameterError(`Invalid timestamp: ${shown(value)}. Must be an integer Unix timestamp.`, name);
    return Number(value);
  },
};

export function oneOf<const T extends string>(...allowed: readonly T[]): Kind<T> {
  return {
    read(value, name) {
      const found = allowed.find((candidate) => candidate === value);
      if (found === undefined) throw new ParameterError(`Invalid ${name}: must be one of ${allowed.join(', ')}`, name);
      return found;
    },
  };
}

/** The first kind that takes the value; the complaint is the last one's. */
export function either<A, B>(first: Kind<A>, last: Kind<B>): Kind<A | B> {
  return {
    read(value, name) {
      try {
        return first.read(value, name);
      } catch (error) {
        if (error instanceof ParameterError) return last.read(value, name);
        throw error;
      }
    },
  };
}

export function hash<S extends Shape>(shape: S): Kind<Values<S>> {
  return {
    fields: shape,
    read(value, name) {
      if (typeof value === 'string') throw new ParameterError('Invalid object', name);
      return readParams(shape, value, name);
    },
  };
}

/** Keys of one's own, such as currencies. */
export function mapOf<T>(kind: Kind<T>): Kind<Map<string, T>> {
  return {
    read(value, name) {
      if (typeof value === 'string') throw new ParameterError('Invalid object', name);
      return new Map([...value].map(([key, item]) => [key, kind.read(item, `${name}[${key}]`)]));
    },
  };
}

export function listOf<T>(kind: Kind<T>): Kind<T[]> {
  return {
    fields: kind.fields,
    isList: true,
    read(value, name) {
      if (typeof value === 'string') {
        if (value === '') return [];
        throw new ParameterError('Invalid array', name);
      }
      return [...value].map(([key, item]) => {
        if (!/^\d+$/.test(key)) throw new ParameterError('Invalid array', name);
        return kind.read(item, `${name}[${key}]`);
      });
    },
  };
}

/** Merged into what is there; an empty value removes its key, an empty string all: https://docs.stripe.com/api/metadata */
export const metadata: Kind<Map<string, string> | null> = {
  read(value, name) {
    if (value === '') return null;
    if (typeof value === 'string') throw new ParameterError('Invalid object', name);
    if (value.size > 50) throw new ParameterError('You can specify up to 50 keys.', name);
    return new Map([...value].map(([key, item]) => [key, metadataValue(key, item, `${name}[${key}]`)]));
  },
};

function metadataValue(key: string, item: FormValue, name: string): string {
  if (typeof item !== 'string') throw new ParameterError('Metadata values must be strings', name);
  if (key.length > 40) throw new ParameterError('Metadata keys must be at most 40 characters.', name);
  if (item.length > 500) throw new ParameterError('Metadata values must be at most 500 characters.', name);
  return item;
}

export function mergeMetadata(
  before: Record<string, string>,
  change: Map<string, string> | null | undefined,
): Record<string, string> {
  if (change === undefined) return before;
  const merged = change === null ? new Map<string, string>() : new Map([...Object.entries(before), ...change]);
  return Object.fromEntries([...merged].filter(([, value]) => value !== ''));
}

/** `created=…`, or `created[gte]=…&created[lt]=…` */
export const range = either(timestamp, hash({ gt: timestamp, gte: timestamp, lt: timestamp, lte: timestamp }));
export type Range = Read<typeof range>;

export function inRange(value: number, asked: Range | undefined): boolean {
  if (asked === undefined) return true;
  if (typeof asked === 'number') return value === asked;
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = asked;
  return value > gt && value >= gte && value < lt && value <= lte;
}

function shown(value: FormValue): string {
  return typeof value === 'string' ? value : '[object]';
}
