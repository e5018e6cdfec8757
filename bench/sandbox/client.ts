import { Agent, request } from 'node:http';

/** Asks the sandbox as any client does, without the cost of one. */
export class Client {
  readonly #agent = new Agent({ keepAlive: true });

  constructor(readonly port: number) {}

  /** Makes or changes something; answers its id and, where it has one, its secret. */
  async api(path: string, form: string): Promise<{ id: string; secret?: string }> {
    return JSON.parse(await this.#ask(`/v1/${path}`, form, 'application/x-www-form-urlencoded'));
  }

  /** An object as it is. */
  async read<T>(path: string): Promise<T> {
    return JSON.parse(await this.#ask(`/v1/${path}`, undefined, ''));
  }

  async control(path: string, body: object): Promise<void> {
    await this.#ask(`/_sandbox/${path}`, JSON.stringify(body), 'application/json');
  }

  /** How many events there were so far. */
  async counts(): Promise<{ events: number }> {
    const { events }: { events: number } = JSON.parse(await this.#ask('/_sandbox/deliveries', undefined, ''));
    return { events };
  }

  close(): void {
    this.#agent.destroy();
  }

  #ask(path: string, body: string | undefined, type: string): Promise<string> {
    const headers = { authorization: 'Bearer sk_test_bench', 'content-type': type };
    const options = { port: this.port, host: '127.0.0.1', path, headers, agent: this.#agent };
    return new Promise((resolve, reject) => {
      request({ ...options, method: body === undefined ? 'GET' : 'POST' }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(`${path}: ${text}`))));
        response.on('error', reject);
      })
        .on('error', reject)
        .end(body);
    });
  }
}
