import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** A schema of the document as far as the tests look into one. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  enum?: unknown[];
  additionalProperties?: boolean | Schema;
  example?: unknown;
}

interface Content {
  description?: string;
  content?: Record<string, { schema: Schema }>;
  required?: boolean;
  $ref?: string;
}

interface OperationObject {
  summary?: string;
  tags?: string[];
  security?: object[];
  parameters?: Array<{ name: string; in: string; required?: boolean; schema?: Schema }>;
  requestBody?: Content;
  responses: Record<string, Content>;
}

interface Document {
  openapi: string;
  tags: Array<{ name: string; description?: string }>;
  paths: Record<string, Record<string, OperationObject>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, Content> };
}

export interface Operation extends OperationObject {
  /** `POST /v1/customers/{customer}/payment_methods`. */
  name: string;
  method: string;
  path: string;
}

/** The API as its document tells it. */
export class DocumentedApi {
  readonly operations: Operation[];
  private readonly validators = new Map<string, ValidateFunction>();

  private constructor(readonly document: Document) {
    this.operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => {
        const verb = method.toUpperCase();
        return { ...operation, method: verb, path, name: `${verb} ${path}` };
      }),
    );
  }

  static async at(url: string): Promise<DocumentedApi> {
    return new DocumentedApi((await (await fetch(`${url}/openapi.json`)).json()) as Document);
  }

  /** With everything that a `$ref` leads to in its place. */
  resolved(schema: Schema): Schema {
    return schema.$ref === undefined ? schema : this.resolved(this.component(schema.$ref));
  }

  bodyOf(operation: Operation): Schema | null {
    const schema = operation.requestBody?.content?.['application/json']?.schema;
    return schema === undefined ? null : this.resolved(schema);
  }

  /** The documented schema of this answer; null when it is documented to have none. @throws when it is not documented */
  answerOf(operation: Operation, status: number): Schema | null {
    const found = operation.responses[status] ?? operation.responses[`${Math.floor(status / 100)}XX`];
    if (found === undefined) throw new Error(`${operation.name} does not document ${status}.`);
    const { content } = found.$ref === undefined ? found : this.response(found.$ref);
    return Object.values(content ?? {})[0]?.schema ?? null;
  }

  /** What is wrong with the value, empty when nothing is. */
  faults(schema: Schema, value: unknown): string[] {
    const source = JSON.stringify(schema);
    const validate = this.validators.get(source) ?? this.compile(source);
    this.validators.set(source, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  }

  /** Refuses what is no JSON Schema 2020-12, the dialect of OpenAPI 3.1; `example` is OpenAPI's own word. */
  private compile(source: string): ValidateFunction {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });
    addFormats.default(ajv);
    ajv.addVocabulary(['example']);
    const $defs = this.document.components.schemas;
    const whole = JSON.stringify({ ...(JSON.parse(source) as Schema), $defs });
    return ajv.compile(JSON.parse(whole.replaceAll('#/components/schemas/', '#/$defs/')) as Schema);
  }

  private component(ref: string): Schema {
    const found = this.document.components.schemas[ref.split('/').at(-1) ?? ''];
    if (found === undefined) throw new Error(`${ref} leads nowhere.`);
    return found;
  }

  private response(ref: string): Content {
    return this.document.components.responses[ref.split('/').at(-1) ?? ''] ?? {};
  }
}

/** The path with its parameters filled in. */
export function filled(path: string, values: Record<string, string> | string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(typeof values === 'string' ? values : (values[name] ?? 'unknown')),
  );
}
