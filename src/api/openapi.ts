import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { docsStyle } from './docs-style.js';
import { PROBLEM_TYPE } from './problem.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Schema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** A section of the docs: what one tag holds, in the order in which they are read. */
export interface ApiSection {
  tag: string;
  description: string;
}

/** Serves OpenAPI 3.1 at `/openapi.json` and readable pages at `/docs`, which load nothing from elsewhere. */
export function setupOpenApi(app: NestFastifyApplication, sections: ApiSection[] = []): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app, sections), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Good Standing API',
    customCss: docsStyle,
    swaggerOptions: { validatorUrl: null, persistAuthorization: false, defaultModelsExpandDepth: 0 },
  });
}

/** Made from the same zod schemas that check the requests; what is the same for every operation is added here. */
function openApiDocument(app: NestFastifyApplication, sections: ApiSection[]): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Good Standing')
    .setDescription(introduction)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key: gs_test_… or gs_live_…' }, 'api_key')
    .addSecurityRequirements('api_key');
  for (const { tag, description } of sections) config.addTag(tag, description);
  const document = SwaggerModule.createDocument(app, config.build());
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: problemSchema },
    responses: { Problem: problemResponse },
  };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) if (item[method]) addManners(document, path, method, item[method]);
  }
  tidy(document);
  return document;
}

const introduction = `Is this customer in good standing, and what may they use?

Authorize with an API key: \`Authorization: Bearer gs_…\`. A customer is named by Stripe's id or by your own
\`external_id\`. Amounts are integers in the currency's minor unit, moments are UTC. Lists are read page by page with
\`limit\` and \`starting_after\`. Errors are problem+json (RFC 9457); their codes are explained at
[/docs/errors](/docs/errors).`;

function addManners(
  document: OpenAPIObject,
  path: string,
  method: (typeof METHODS)[number],
  operation: Operation,
): void {
  const documented = Object.entries(operation.responses).filter(([status]) => Number(status) < 400);
  const problem = { $ref: '#/components/responses/Problem' };
  operation.responses = { ...Object.fromEntries(documented), '4XX': problem, '5XX': problem };
  const parameters = (operation.parameters ?? []).map((parameter) =>
    'name' in parameter && parameter.in === 'path' && parameter.name === 'customer'
      ? { ...parameter, description: "Stripe's id or your external_id.", example: 'ada' }
      : parameter,
  );
  const isPublic = !path.startsWith('/v1/');
  if (isPublic) operation.security = [];
  operation.parameters = method === 'post' && !isPublic ? [...parameters, idempotencyKey] : parameters;
  const body = operation.requestBody;
  if (body && 'content' in body) body.required = !hasDefault(document, body.content['application/json']?.schema);
}

/** A body with a default may be left out, which Nest does not say. */
function hasDefault(document: OpenAPIObject, schema: Schema | undefined): boolean {
  if (schema === undefined) return false;
  if (!('$ref' in schema)) return schema.default !== undefined;
  return hasDefault(document, document.components?.schemas?.[schema.$ref.split('/').at(-1) ?? '']);
}

/** zod says of every integer that JavaScript can hold it, and spells formats out as patterns: true, but not readable. */
function tidy(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  if ('maximum' in node && node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
  if ('minimum' in node && node.minimum === Number.MIN_SAFE_INTEGER) delete node.minimum;
  if ('format' in node && 'pattern' in node && typeof node.format === 'string') delete node.pattern;
  Object.values(node).forEach(tidy);
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header' as const,
  required: false,
  description: 'Sent again within 24 hours with the same request, it gets the first one’s answer, byte for byte.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const problemResponse = {
  description: 'A problem (RFC 9457). `code` is stable; /docs/errors explains each.',
  content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
};

const problemSchema = {
  type: 'object',
  example: {
    type: '/docs/errors#not_found',
    title: 'No such object',
    status: 404,
    detail: "There is no payment 'pi_123'.",
    code: 'not_found',
    request_id: 'req_01a1fe899833762b890e80073db3e717',
    retryable: false,
  },
  required: ['type', 'title', 'status', 'detail', 'code', 'request_id', 'retryable'],
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    request_id: { type: 'string' },
    retryable: { type: 'boolean', description: 'Whether the same request can succeed later, unchanged.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: {
          pointer: { type: 'string', description: 'JSON pointer into the body, or the name of a parameter.' },
          detail: { type: 'string' },
        },
      },
    },
  },
};
