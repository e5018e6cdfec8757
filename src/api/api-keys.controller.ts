import { Body, Controller, Delete, Get, Param, Post, Query, Req } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Transactions } from '../database/transactions.js';
import { ApiKey, SCOPES } from './api-key.entity.js';
import { ApiKeys } from './api-keys.js';
import { InsufficientScope } from './api.errors.js';
import { ListQuery, listOf, listPage } from './list.js';
import type { List } from './list.js';

const CreateApiKey = z
  .strictObject({
    name: z.string().trim().min(1).max(100).meta({ description: 'Says what uses it.' }),
    scopes: z
      .array(z.enum(SCOPES))
      .min(1)
      .default([...SCOPES])
      .transform((scopes) => [...new Set(scopes)]),
    expires_at: z.iso
      .datetime({ offset: true })
      .refine((at) => Date.parse(at) > Date.now(), 'Has to lie in the future.')
      .nullish(),
  })
  .meta({ id: 'CreateApiKey', example: { name: 'Backend', scopes: ['read'] } });

const ApiKeyView = z
  .object({
    id: z.string(),
    object: z.literal('api_key'),
    name: z.string(),
    prefix: z.string(),
    last4: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    created_at: z.iso.datetime(),
    last_used_at: z.iso.datetime().nullable(),
    revoked_at: z.iso.datetime().nullable(),
    expires_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ApiKey' });
type ApiKeyView = z.infer<typeof ApiKeyView>;

const NewApiKeyView = ApiKeyView.extend({
  key: z.string().meta({ description: 'The key itself. It is shown this once.' }),
}).meta({ id: 'NewApiKey' });

@ApiTags('API keys')
@Controller('v1/api_keys')
export class ApiKeysController {
  constructor(
    private readonly apiKeys: ApiKeys,
    private readonly transactions: Transactions,
  ) {}

  @Post()
  @ApiOperation({
    summary: 'Create an API key',
    description: 'The `key` is shown this once. A key makes no key that may do more than itself.',
  })
  @ApiCreatedResponse({ standardSchema: NewApiKeyView })
  async create(
    @Body({ schema: CreateApiKey }) body: z.infer<typeof CreateApiKey>,
    @Req() request: FastifyRequest,
  ): Promise<z.infer<typeof NewApiKeyView>> {
    const beyond = body.scopes.find((scope) => request.apiKey?.scopes.includes(scope) !== true);
    if (beyond !== undefined) throw new InsufficientScope(beyond);
    const expires_at = body.expires_at ? new Date(body.expires_at) : null;
    const { row, key } = await this.transactions.run(async (em) => this.apiKeys.create(em, { ...body, expires_at }));
    return { ...view(row), key };
  }

  @Get()
  @ApiOperation({ summary: 'List API keys', description: 'Revoked and expired ones too.' })
  @ApiOkResponse({ standardSchema: listOf(ApiKeyView) })
  async list(@Query({ schema: ListQuery }) query: ListQuery): Promise<List<ApiKeyView>> {
    const em = this.transactions.reader();
    const found = await listPage(em, em.createQueryBuilder(ApiKey), {
      query,
      url: '/v1/api_keys',
      created: 'created_at',
    });
    return { ...found, data: found.data.map(view) };
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Revoke an API key', description: 'It is refused within 5 seconds, and for good.' })
  @ApiOkResponse({ standardSchema: ApiKeyView })
  async revoke(@Param('id') id: string): Promise<ApiKeyView> {
    return view(await this.transactions.run((em) => this.apiKeys.revoke(em, id)));
  }
}

function view(row: ApiKey): ApiKeyView {
  const { id, name, prefix, last4, scopes, created_at, last_used_at, revoked_at, expires_at } = row;
  return {
    id,
    object: 'api_key',
    name,
    prefix,
    last4,
    scopes,
    created_at: created_at.toISOString(),
    last_used_at: last_used_at?.toISOString() ?? null,
    revoked_at: revoked_at?.toISOString() ?? null,
    expires_at: expires_at?.toISOString() ?? null,
  };
}
