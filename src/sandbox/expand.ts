import type { Context } from './context.js';
import { invalid } from './errors.js';
import { ALWAYS_NULL, INCLUDABLE, EXPANDABLE } from './expandable.js';
import type { Form } from './form.js';

/** https://docs.stripe.com/expand */
const DEEPEST = 4;

export function expandPaths(form: Form): string[] {
  const asked = form.get('expand');
  form.delete('expand');
  if (asked === undefined) return [];
  const paths =
    typeof asked === 'string' ? [asked] : [...asked.values()].map((path) => (typeof path === 'string' ? path : ''));
  for (const path of paths)
    if (path.split('.').length > DEEPEST)
      throw invalid(`You cannot expand more than ${DEEPEST} levels of a property. Property: ${path}`, {
        param: 'expand',
      });
  return paths;
}

/** The answer with the objects in it that were asked for; what is not expandable is refused. */
export function expand(context: Context, answer: object, paths: readonly string[]): object {
  return paths.reduce((object, path) => expandPath(context, object, path.split('.'), path), answer);
}

function expandPath(context: Context, object: object, segments: readonly string[], path: string): object {
  const [segment, ...rest] = segments;
  if (segment === undefined) return object;
  const value = include(context, object, segment) ?? fieldOf(object, segment);
  if (value === NOTHING) return { ...object, [segment]: null };
  if (rest.length === 0 && typeof value === 'object' && value !== null && isIncludable(object, segment))
    return { ...object, [segment]: value };
  if (Array.isArray(value))
    return { ...object, [segment]: value.map((item) => expandValue(context, object, segment, item, rest, path)) };
  return { ...object, [segment]: expandValue(context, object, segment, value, rest, path) };
}

/** `value` is what `owner` holds at the beginning of the path; `rest` is what is left of the path. */
function expandValue(
  context: Context,
  owner: object,
  segment: string,
  value: unknown,
  rest: readonly string[],
  path: string,
): unknown {
  if (value === null) {
    if (rest.length === 0 && !EXPANDABLE.has(ownerPath(owner, segment)) && !ALWAYS_NULL.has(segment))
      throw cannotExpand(path);
    return null;
  }
  if (typeof value === 'string') {
    const target = targetOf(context, owner, segment, value, path);
    return expandPath(context, target, rest, path);
  }
  if (typeof value !== 'object') throw cannotExpand(path);
  if (rest.length === 0 && !isObject(value)) throw cannotExpand(path);
  // Inside a hash that is no object of its own, its owner says what may be expanded.
  const inner = isObject(value) || segment === 'data' ? value : { ...value, [OWNER]: ownerOf(owner, segment) };
  const expanded = expandPath(context, inner, rest, path);
  if (OWNER in expanded) delete expanded[OWNER];
  return expanded;
}

const OWNER = Symbol('the object and the field that this hash belongs to');
interface Owned {
  [OWNER]: { id: unknown; path: string };
}

function ownerOf(owner: object, segment: string): Owned[typeof OWNER] {
  if (isOwned(owner)) return { id: owner[OWNER].id, path: `${owner[OWNER].path}.${segment}` };
  return { id: fieldOf(owner, 'id'), path: `${String(fieldOf(owner, 'object'))} ${segment}` };
}

function isOwned(value: object): value is Owned {
  return OWNER in value;
}

function ownerPath(owner: object, segment: string): string {
  return ownerOf(owner, segment).path;
}

function targetOf(context: Context, owner: object, segment: string, id: string, path: string): object {
  const type = EXPANDABLE.get(ownerPath(owner, segment));
  if (type === undefined) throw cannotExpand(path);
  const found = type.map((candidate) => context.store.get(candidate, id)).find((object) => object !== undefined);
  if (found === undefined) throw cannotExpand(path);
  return found;
}

/** Properties that are only there when they are asked for. */
function include(context: Context, object: object, segment: string): unknown {
  const { id, path } = ownerOf(object, segment);
  const included = INCLUDABLE.get(path);
  return typeof id === 'string' && included !== undefined ? (included(context, id) ?? NOTHING) : undefined;
}

const NOTHING = Symbol('a property that may be asked for and is null');

function isIncludable(object: object, segment: string): boolean {
  return INCLUDABLE.has(ownerPath(object, segment));
}

function isObject(value: object): boolean {
  return typeof fieldOf(value, 'object') === 'string';
}

function fieldOf(value: object, name: string): unknown {
  return new Map<string, unknown>(Object.entries(value)).get(name);
}

function cannotExpand(path: string) {
  return invalid(`This property cannot be expanded (${path}).`, { param: 'expand' });
}
