import { lookup } from 'node:dns/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Runtime } from '../../../config/runtime.js';
import { ENV } from '../../database/env.token.js';
import { InvalidInput } from '../../errors/failure.js';
import { AddressRefused, isAllowed } from './address-rule.js';
import type { AddressRule } from './address-rule.js';
import { refuseLiteral } from './checked-lookup.js';
import type { Outcome } from './outcome.js';
import { post } from './post.js';
import { signedHeaders } from './signed-headers.js';
import type { WebhookDelivery } from './webhook-delivery.entity.js';
import type { WebhookEndpoint } from './webhook-endpoint.entity.js';

/** The apps' servers: what may be one, and one signed request to it. */
@Injectable()
export class Receivers {
  private readonly production: boolean;
  private readonly rule: AddressRule;

  constructor(@Inject(ENV) env: Runtime) {
    this.production = env.nodeEnv === 'production';
    this.rule = { loopback: !this.production };
  }

  /**
   * Refuses at once what every connection would refuse. A name that does not resolve yet is taken.
   * @throws InvalidInput
   */
  async check(text: string): Promise<void> {
    const fault = await this.faultOf(text);
    if (fault !== null) throw new InvalidInput([{ pointer: '/url', detail: fault }]);
  }

  post(endpoint: WebhookEndpoint, delivery: WebhookDelivery): Promise<Outcome> {
    const now = new Date();
    const body = delivery.request_body;
    const headers = signedHeaders(delivery.event, body, endpoint.signingSecrets(now), now);
    return post({ url: endpoint.url, headers, body }, { rule: this.rule });
  }

  private async faultOf(text: string): Promise<string | null> {
    const url = URL.parse(text);
    if (url === null) return 'This is not a URL. Give e.g. https://app.example.com/webhooks.';
    if (url.protocol !== 'https:' && (this.production || url.protocol !== 'http:'))
      return 'The URL has to begin with https://.';
    if (url.username !== '' || url.password !== '')
      return 'Credentials in the URL are not sent; the signature proves the sender.';
    try {
      refuseLiteral(url, this.rule);
      await this.refuseName(url.hostname);
      return null;
    } catch (error) {
      if (error instanceof AddressRefused) return `The URL leads into a private network: ${error.message}.`;
      throw error;
    }
  }

  private async refuseName(hostname: string): Promise<void> {
    const addresses = await lookup(hostname.replace(/^\[(.*)\]$/, '$1'), { all: true }).catch(() => []);
    const refused = addresses.find(({ address }) => !isAllowed(address, this.rule));
    if (refused) throw new AddressRefused(hostname, refused.address);
  }
}
