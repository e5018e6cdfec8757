import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { OpenAPIObject } from '@nestjs/swagger';
import { PROBLEM_TYPE } from './problem.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Serves OpenAPI 3.1 at `/openapi.json` and readable pages at `/docs`, which load nothing from elsewhere. */
export function setupOpenApi(app: NestFastifyApplication): void {
  SwaggerModule.setup('docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'openapi.json',
    raw: ['json'],
    customSiteTitle: 'Good Standing API',
    swaggerOptions: { validatorUrl: null, persistAuthorization: false, defaultModelsExpandDepth: 0 },
  });
}

/** Made from the same zod schemas that check the requests; what is the same for every operation is added here. */
export function openApiDocument(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Good Standing')
    .setDescription(
      'Is this customer in good standing, and what may they use? Errors are problem+json (RFC 9457); ' +
        'their codes are explained at [/docs/errors](/docs/errors).',
    )
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key: gs_test_… or gs_live_…' }, 'api_key')
    .addSecurityRequirements('api_key')
    .build();
  const document = SwaggerModule.createDocument(app, config);
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: problemSchema },
    responses: { Problem: problemResponse },
  };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) if (item[method]) addManners(path, method, item[method]);
  }
  return document;
}

function addManners(path: string, method: (typeof METHODS)[number], operation: Operation): void {
  const documented = Object.entries(operation.responses).filter(([status]) => Number(status) < 400);
  const problem = { $ref: '#/components/responses/Problem' };
  operation.responses = { ...Object.fromEntries(documented), '4XX': problem, '5XX': problem };
  if (!path.startsWith('/v1/')) operation.security = [];
  else if (method === 'post') operation.parameters = [...(operation.parameters ?? []), idempotencyKey];
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
  required: ['type', 'title', 'status', 'detail', 'code', 'request_id', 'retryable'],
  properties: {
    type: { type: 'string', format: 'uri-reference', examples: ['/docs/errors#not_found'] },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', examples: ['not_found'] },
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
