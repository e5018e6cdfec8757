import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';

/** A webhook receiver as an application has one: it checks every signature and answers 200. */
export class Receiver {
  received = 0;
  /** Subscriptions whose period went on. */
  renewals = 0;
  /** By the type of event. */
  readonly types = new Map<string, number>();
  secret = '';
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const good = this.#take(Buffer.concat(chunks).toString('utf8'), String(request.headers['stripe-signature']));
      response.writeHead(good ? 200 : 400).end();
    });
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/webhooks`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #take(body: string, signature: string): boolean {
    const [, seconds = '', given = ''] = /^t=(\d+),v1=([0-9a-f]+)/.exec(signature) ?? [];
    if (createHmac('sha256', this.secret).update(`${seconds}.${body}`).digest('hex') !== given) return false;
    const type = /"type":"([a-z_.]+)"}$/.exec(body)?.[1] ?? '';
    this.received += 1;
    if (type === 'customer.subscription.updated' && /"previous_attributes":.*"current_period_start"/.test(body))
      this.renewals += 1;
    this.types.set(type, (this.types.get(type) ?? 0) + 1);
    return true;
  }
}
