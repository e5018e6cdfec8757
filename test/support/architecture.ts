import ts from 'typescript';

export interface SourceFile {
  /** From the project's root, with slashes. */
  path: string;
  text: string;
}

/**
 * Which rooms of `src/` a room may use. Modules: customers ← payments ← subscriptions ← access; nobody imports those above
 * them; those below know no module. `boot` and the files in `src/` itself wire everything.
 */
const BELOW = ['errors', 'failpoints', 'database', 'telemetry'];
const GROUND = [...BELOW, 'api', 'jobs', 'events', 'stripe', 'mirror'];
export const MAY_USE: Record<string, string[]> = {
  errors: [],
  failpoints: [],
  database: ['errors'],
  telemetry: ['errors', 'database'],
  api: BELOW,
  jobs: [...BELOW, 'api'],
  events: [...BELOW, 'api', 'jobs'],
  stripe: [...BELOW, 'api', 'jobs'],
  mirror: [...BELOW, 'api', 'jobs', 'events', 'stripe'],
  catalog: GROUND,
  customers: [...GROUND, 'catalog'],
  payments: [...GROUND, 'catalog', 'customers'],
  subscriptions: [...GROUND, 'catalog', 'customers', 'payments'],
  access: [...GROUND, 'catalog', 'customers', 'payments', 'subscriptions'],
  'webhooks/inbound': GROUND,
  'webhooks/outbound': [...GROUND, 'customers'],
  notifications: [...GROUND, 'catalog', 'customers', 'payments', 'subscriptions', 'access'],
  reconciliation: [...GROUND, 'webhooks/inbound'],
  alerts: GROUND,
  sandbox: [],
};

/** The modules, whose insides are their own: others use a service, an entity, an error or the module itself. */
const MODULES = new Set(['catalog', 'customers', 'payments', 'subscriptions', 'access', 'webhooks/inbound']);
const SERVICES: Record<string, string[]> = {
  catalog: ['catalog', 'catalog-file', 'catalog-sync'],
  customers: ['customers', 'customer-ids', 'customer-path'],
  payments: ['payments', 'payment-methods', 'invoices', 'refunds', 'money'],
  subscriptions: ['subscriptions', 'subscription-status'],
  access: ['access', 'policies', 'policies-file', 'grace'],
  'webhooks/inbound': ['inbox', 'read-envelope'],
};

/** A decorator belongs into files of this kind alone. */
const DECORATORS: Record<string, RegExp> = {
  Controller: /\.controller\.tsx?$/,
  Entity: /\.entity\.ts$/,
  OnJob: /\.job\.ts$/,
  OnDomainEvent: /\.listener\.ts$/,
  Module: /\.module\.ts$/,
};

/** Every breach of the house's rules, each naming its file and what is wrong. */
export function violations(files: SourceFile[]): string[] {
  return [...files.flatMap(violationsOf), ...cycles(files)];
}

function violationsOf(file: SourceFile): string[] {
  const found: string[] = [];
  const room = roomOf(file.path);
  for (const target of importsOf(file)) {
    const other = roomOf(target);
    if (room !== null && other !== null && other !== room) found.push(...crossing(file, room, other, target));
    if (room === 'sandbox' && !target.startsWith('src/sandbox/'))
      found.push(`${file.path} imports ${target}: the sandbox knows nothing of the house`);
  }
  if (/(^|\/)index\.tsx?$/.test(file.path)) found.push(`${file.path} is a barrel`);
  if (/\bforwardRef\s*\(/.test(file.text)) found.push(`${file.path} uses forwardRef`);
  for (const [decorator, place] of Object.entries(DECORATORS)) {
    if (new RegExp(`^\\s*@${decorator}\\(`, 'm').test(file.text) && !place.test(file.path) && room !== null) {
      found.push(`${file.path} uses @${decorator}, which belongs into ${place.source}`);
    }
  }
  if (
    /\bprocess\.env\b(?!\['(PATH|SystemRoot)'\])/.test(file.text) &&
    room !== null &&
    room !== 'boot' &&
    !file.path.endsWith('.cli.ts')
  )
    found.push(`${file.path} reads process.env: settings are injected`);
  if (!allowsStripe(room) && /^import (?!type )[^;]*from 'stripe'/m.test(file.text))
    found.push(`${file.path} imports stripe: only src/stripe speaks to it`);
  if (room !== null && /\bnew Date\(\)|\bDate\.now\(\)/.test(file.text) && BUSINESS.has(room))
    found.push(`${file.path} reads the machine's clock: business time comes from Clock`);
  return found;
}

/** Rooms whose every moment is business time. */
const BUSINESS = new Set(['catalog', 'customers', 'subscriptions', 'access']);

function allowsStripe(room: string | null): boolean {
  return room === 'stripe' || room === 'sandbox' || room === null;
}

function crossing(file: SourceFile, room: string, other: string, target: string): string[] {
  const allowed = MAY_USE[room];
  if (!allowed) return [];
  if (!allowed.includes(other)) return [`${file.path} imports ${target}: ${room} may not use ${other}`];
  if (MODULES.has(other) && !isPublic(other, target))
    return [`${file.path} imports ${target}: that is ${other}'s own business`];
  return [];
}

function isPublic(room: string, target: string): boolean {
  const name = target.slice(`src/${room}/`.length).replace(/\.tsx?$/, '');
  return /\.(entity|errors|module)$/.test(name) || (SERVICES[room] ?? []).includes(name);
}

/** Null: not in a room (`src/main.ts`, `config/`, `test/`). `boot` wires and may use all. */
function roomOf(path: string): string | null {
  const room = /^src\/((?:webhooks\/)?[a-z-]+)\//.exec(path)?.[1];
  return room === undefined ? null : room;
}

/** The project's own files that a file imports, as paths from the root. */
function importsOf(file: SourceFile): string[] {
  const base = file.path.split('/').slice(0, -1);
  return ts.preProcessFile(file.text, true, true).importedFiles.flatMap(({ fileName }) => {
    if (!fileName.startsWith('.')) return [];
    const parts = [...base];
    for (const part of fileName.split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '.') parts.push(part);
    }
    return [parts.join('/').replace(/\.js$/, '.ts')];
  });
}

/** Rooms that use each other in a circle, also through others. */
function cycles(files: SourceFile[]): string[] {
  const uses = new Map<string, Set<string>>();
  for (const file of files) {
    const room = roomOf(file.path);
    if (room === null || room === 'boot') continue;
    for (const target of importsOf(file)) {
      const other = roomOf(target);
      if (other !== null && other !== room) uses.set(room, (uses.get(room) ?? new Set()).add(other));
    }
  }
  return [...uses.keys()]
    .filter((room) => reaches(uses, room, room, new Set()))
    .map((room) => `src/${room} is part of a circle of rooms`);
}

function reaches(uses: Map<string, Set<string>>, from: string, goal: string, seen: Set<string>): boolean {
  for (const next of uses.get(from) ?? []) {
    if (next === goal) return true;
    if (!seen.has(next) && reaches(uses, next, goal, seen.add(next))) return true;
  }
  return false;
}
