import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Catalog } from '../catalog/catalog.js';
import { AccessAnswers } from './access-answers.js';
import { FeatureNotFound } from './access.errors.js';
import { rules } from './rules.js';
import type { Rule } from './rules.js';

const ruleNames = Object.keys(rules) as [Rule, ...Rule[]];
const subscription = z.string().nullable();
const asOf = z.iso.datetime().meta({ description: 'When the answer was known to be true.' });
const stale = z
  .boolean()
  .meta({ description: 'True: the database cannot be heard, and a change since as_of may be missing.' });

const Why = z
  .object({
    rule: z.enum(ruleNames),
    text: z.string().meta({ description: 'The reason as a sentence.' }),
    subscription,
    status: z.string().nullable().meta({ description: 'The status of the subscription at Stripe.' }),
    event: z
      .string()
      .nullable()
      .meta({ description: 'What brought it there: a Stripe event, an operation or a reconciliation.' }),
    until: z.iso.datetime().nullable().meta({ description: 'The end of what is paid, tried or granted for now.' }),
  })
  .meta({ id: 'Why' });

const entitlement = {
  allowed: z.boolean(),
  value: z.union([z.boolean(), z.int(), z.string()]).nullable().meta({
    description: 'boolean: as `allowed`. limit: a whole number or "unlimited". static: one of its values, or null.',
  }),
  why: Why,
};

const EntitlementView = z
  .object({ type: z.enum(['boolean', 'limit', 'static']), ...entitlement })
  .meta({ id: 'Entitlement' });

const AccessView = z
  .object({
    object: z.literal('access'),
    customer: z.string().meta({ description: "Stripe's id." }),
    summary: z.object({
      rule: z.enum(ruleNames),
      text: z.string(),
      subscription,
      standing: z.enum(['good', 'at_risk', 'bad', 'none', 'unknown']),
    }),
    features: z.record(z.string(), EntitlementView).meta({ description: 'Every feature of the catalogue.' }),
    as_of: asOf,
    stale,
  })
  .meta({ id: 'Access' });

const CheckView = z
  .object({
    object: z.literal('access_check'),
    customer: z.string(),
    feature: z.string(),
    ...entitlement,
    as_of: asOf,
    stale,
  })
  .meta({ id: 'AccessCheck' });

const Check = z.strictObject({
  customer: z.string().min(1).meta({ description: "Stripe's id or your external_id." }),
  feature: z.string().min(1),
});

/** Is this customer in good standing, and what may they use? */
@ApiTags('Access')
@Controller('v1')
export class AccessController {
  constructor(
    private readonly answers: AccessAnswers,
    private readonly catalog: Catalog,
  ) {}

  @Get('customers/:customer/access')
  @ApiOperation({
    summary: 'All a customer may use',
    description: 'Every feature of the catalogue, each with the reason why it is allowed or not.',
  })
  @ApiOkResponse({ standardSchema: AccessView })
  async all(@Param('customer') ref: string): Promise<z.infer<typeof AccessView>> {
    const { customer, summary, entitlements, as_of, stale: isStale } = await this.answers.of(ref);
    return { object: 'access', customer, summary, features: entitlements, as_of: as_of.toISOString(), stale: isStale };
  }

  @Get('access/check')
  @ApiOperation({
    summary: 'Check one feature',
    description: 'May this customer use it, how much of it, and why? Made to be asked on every request of your app.',
  })
  @ApiOkResponse({ standardSchema: CheckView })
  async check(
    @Query({ schema: Check }) { customer: ref, feature }: z.infer<typeof Check>,
  ): Promise<z.infer<typeof CheckView>> {
    if (!this.catalog.features.has(feature)) throw new FeatureNotFound(feature, this.catalog.features.keys());
    const { customer, entitlements, as_of, stale: isStale } = await this.answers.of(ref);
    const found = entitlements[feature];
    if (!found) throw new FeatureNotFound(feature, Object.keys(entitlements));
    const { allowed, value, why } = found;
    return {
      object: 'access_check',
      customer,
      feature,
      allowed,
      value,
      why,
      as_of: as_of.toISOString(),
      stale: isStale,
    };
  }
}
