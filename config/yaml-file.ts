import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import { z } from 'zod';

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

/** A file of `config/` does not say what it must: one line per fault, `file:line:column field: what was expected`. */
export class ConfigFileError extends Error {
  override readonly name = 'ConfigFileError';
  constructor(readonly faults: string[]) {
    super(faults.join('\n'));
  }
}

/**
 * Reads one of the files that people write, `config/<name>`.
 * Convention for its schema: `error` names what is expected ("an integer in minor units"); the message of a refinement is
 * the whole sentence.
 * @throws ConfigFileError
 */
export function readConfigFile<S extends z.ZodType>(name: string, schema: S): z.infer<S> {
  const file = `config/${name}`;
  const path = join(projectRoot(), file);
  if (!existsSync(path)) throw new ConfigFileError([`${file}: there is no such file (looked at ${path})`]);
  return parseYaml(file, readFileSync(path, 'utf8'), schema);
}

/** @param file how the text is called in the faults. @throws ConfigFileError */
export function parseYaml<S extends z.ZodType>(file: string, text: string, schema: S): z.infer<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0)
    throw new ConfigFileError(document.errors.map((error) => `${at(error.pos[0])} ${error.message}`));

  const result = schema.safeParse(document.toJS() ?? {}, { error: expectation });
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => faultsOf(issue, document, schema));
  throw new ConfigFileError(
    faults.map(({ path, text: fault }) => `${at(offsetOf(document, path))} ${spell(path)}: ${fault}`),
  );
}

interface Fault {
  path: PropertyKey[];
  text: string;
}

function faultsOf(issue: Issue, document: Document, schema: z.ZodType): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path);
    return issue.keys.map((key) => ({ path: [...issue.path, key], text: unknownKey(key, known) }));
  }
  if (issue.code === 'custom') return [{ path: issue.path, text: issue.message }];
  if (issue.code === 'invalid_key') {
    return [{ path: issue.path, text: issue.issues.map(({ message }) => `expected ${message}`).join('; ') }];
  }
  const node = nodeAt(document, issue.path);
  const got = node === undefined ? 'it is missing' : `got ${JSON.stringify(node.toJS(document))}`;
  return [{ path: issue.path, text: `expected ${issue.message}, ${got}` }];
}

const typeWords = new Map([
  ['object', 'a block of `key: value` lines'],
  ['record', 'a block of `key: value` lines'],
  ['array', 'a list'],
  ['string', 'a text'],
  ['boolean', 'true or false'],
]);

/** What zod's own checks expect, in words; a schema's own `error` goes before it. */
function expectation(issue: RawIssue): string | undefined {
  if (issue.code === 'invalid_type') return typeWords.get(issue.expected) ?? issue.expected;
  if (issue.code === 'invalid_value') return oneOf(issue.values);
  if (issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)) return oneOf(issue.options);
  if (issue.code === 'too_small') return `at least ${issue.minimum}${issue.origin === 'array' ? ' in the list' : ''}`;
  if (issue.code === 'too_big') return `at most ${issue.maximum}`;
  return undefined;
}

function oneOf(values: readonly unknown[]): string {
  return `${values.length > 1 ? 'one of ' : ''}${values.map(String).join(', ')}`;
}

function unknownKey(key: string, known: string[]): string {
  const near = nearest(key, known);
  return `unknown key; expected ${near ? `'${near}'? Known here: ` : 'one of '}${known.join(', ')}`;
}

/** The keys that the schema takes at `path`. */
function knownKeys(schema: z.core.$ZodType, path: PropertyKey[]): string[] {
  const inner = unwrapped(schema);
  const [head, ...rest] = path;
  if (inner instanceof z.ZodObject) {
    if (head === undefined) return Object.keys(inner.shape);
    return knownKeys(inner.shape[String(head)], rest);
  }
  if (inner instanceof z.ZodRecord) return knownKeys(inner.valueType, rest);
  if (inner instanceof z.ZodArray) return knownKeys(inner.element, rest);
  if (inner instanceof z.ZodUnion) return [...new Set(inner.options.flatMap((option) => knownKeys(option, path)))];
  return [];
}

function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return unwrapped(schema.unwrap());
  return schema;
}

/** The known word that is meant, when one is near enough to be meant. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const ranked = [...known].map((other) => ({ other, distance: editDistance(word, other) }));
  const best = ranked.toSorted((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.max(2, Math.floor(word.length / 3)) ? best.other : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Where the field is: its key, the item of its list, or, when it is missing, the nearest thing around it. */
function offsetOf(document: Document, path: PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = stepInto(document, nodeAt(document, path.slice(0, length - 1)), path[length - 1]);
    const offset = (node?.key ?? node?.value)?.range?.[0];
    if (offset !== undefined) return offset;
  }
  return document.contents?.range?.[0] ?? 0;
}

function nodeAt(document: Document, path: PropertyKey[]): Node | undefined {
  let node: Node | undefined = document.contents ?? undefined;
  for (const step of path) node = stepInto(document, node, step)?.value;
  return node;
}

function stepInto(
  document: Document,
  from: Node | undefined,
  step: PropertyKey | undefined,
): { key?: Node; value?: Node } | undefined {
  const node = isAlias(from) ? from.resolve(document) : from;
  if (isSeq<Node>(node)) return { value: node.items[Number(step)] };
  if (!isMap<Node, Node>(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
  return pair && { key: pair.key, value: pair.value ?? undefined };
}

function spell(path: PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return text.replace(/^\./, '') || 'the file';
}

/** Beside package.json: from the sources, from `dist/` and in an image alike. */
function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
