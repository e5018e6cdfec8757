import { Api } from '../../src/sandbox/api.js';
import { Core } from '../../src/sandbox/core.js';
import { INDEXES } from '../../src/sandbox/indexes.js';
import type { ObjectType } from '../../src/sandbox/objects.js';
import { allRoutes } from '../../src/sandbox/resources.js';
import type { Route } from '../../src/sandbox/route.js';

export interface Answered {
  status: number;
  body: { id: string; error?: { message: string } } & Record<string, unknown>;
}

/** A sandbox without HTTP, the same each time, so that two of them can be compared after one request. */
export class World {
  readonly #core = new Core({ seed: 7, mode: 'frozen', now: new Date('2026-04-01T00:00:00Z'), log: () => undefined });
  readonly #api = new Api(this.#core, undefined);
  readonly routes = allRoutes(this.#core.file, this.#core.searchIndex);
  readonly ids = new Map<string, string>();

  /** What is in `{braces}` is an id of this world. */
  send(route: Route, form: string): Answered {
    const path = this.fill(route.path.replaceAll(/:(\w+)/g, (_all, name: string) => `{${name}}`));
    return this.#call(route, path, this.fill(form));
  }

  ask(method: string, path: string, form: string): Answered {
    const asked = this.fill(path);
    const route = this.routes.find((one) => one.method === method && patternOf(one).test(asked));
    if (route === undefined) throw new Error(`no route for ${method} ${path}`);
    const answered = this.#call(route, asked, this.fill(form));
    if (answered.status !== 200) throw new Error(`${method} ${path}: ${answered.body.error?.message}`);
    return answered;
  }

  make(name: string, path: string, form: string): Record<string, unknown> {
    const { body } = this.ask('POST', path, form);
    this.ids.set(name, body.id);
    return body;
  }

  /** Everything that there is. */
  dump(): string {
    const types = Object.keys(INDEXES).filter((type): type is ObjectType => Object.hasOwn(INDEXES, type));
    return JSON.stringify(types.map((type) => this.#core.store.rows(type).map(({ value }) => value)));
  }

  close(): void {
    this.#core.close();
  }

  fill(text: string): string {
    return text.replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
      const id = this.ids.get(name);
      if (id === undefined) throw new Error(`there is no ${name} in this world`);
      return id;
    });
  }

  #call(route: Route, path: string, form: string): Answered {
    const ids = (patternOf(route).exec(path) ?? []).slice(1);
    const call = { method: route.method, path, form, authorization: 'Bearer sk_test_x', requestId: 'req_x' };
    const answer = this.#api.answer(
      { ...call, version: undefined, account: undefined, idempotencyKey: undefined },
      route,
      ids,
    );
    const body: Answered['body'] = JSON.parse(Buffer.from(answer.body).toString());
    return { status: answer.status, body };
  }
}

function patternOf({ path }: Route): RegExp {
  return new RegExp(`^${path.replaceAll(/:\w+/g, '([^/]+)')}$`);
}
