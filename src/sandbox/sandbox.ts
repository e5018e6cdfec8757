import type { AddressInfo } from 'node:net';
import { Api } from './api.js';
import { Core } from './core.js';
import { faultOf } from './errors.js';
import { ensureEndpoint } from './resources/webhook-endpoints.js';
import { buildServer } from './server.js';
import { Turning } from './turning.js';

export interface SandboxOptions {
  /** 0: any free one */
  port: number;
  /** 127.0.0.1 if not given */
  host?: string;
  /** Where the state is kept; without it the sandbox is ephemeral. */
  stateFile?: string;
  /** Ids, times and mischief of a new state repeat with the same seed. */
  seed?: number;
  /** Where the clock of a new state begins; the real time if not given. */
  now?: Date;
  /** The clock stands still unless it is turned. */
  frozen?: boolean;
  /** Ensured at every start, for all events; replaces the url and secret that were given before. */
  webhook?: { url: string; secret: string };
  /** Taken besides every `sk_test_…`. */
  secretKey?: string;
  log?: (line: object) => void;
}

export interface Sandbox {
  url: string;
  port: number;
  /** Takes no more requests, writes what is left, and is gone within 2 s. */
  close(): Promise<void>;
}

/** Starts a local Stripe. A port in use or a state file that cannot be used is one Error that says what to do. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { port: wanted, host = '127.0.0.1', webhook, log = () => undefined } = options;
  const core = new Core({
    stateFile: options.stateFile,
    seed: options.seed,
    now: options.now,
    mode: options.frozen === true ? 'frozen' : 'ticking',
    log,
  });
  const turning = new Turning(core);
  const server = buildServer(new Api(core, options.secretKey), turning);
  const close = async (): Promise<void> => {
    const stopped = turning.close();
    core.followers.close();
    core.deliveries.close();
    await server.close();
    await stopped;
    core.close();
  };
  try {
    await server.listen({ port: wanted, host });
  } catch (error) {
    await close();
    throw portError(error, host, wanted);
  }
  const port = portOf(server.server.address());
  core.url = `http://${host}:${port}`;
  if (webhook !== undefined)
    core.transact({ id: null, idempotency_key: null }, (context) => ensureEndpoint(context, webhook));
  core.deliveries.resume();
  return { url: core.url, port, close };
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function portError(error: unknown, host: string, port: number): Error {
  const { code, message } = faultOf(error);
  if (code === 'EADDRINUSE')
    return new Error(
      `The sandbox cannot listen on ${host}:${port}: the port is in use. Stop what uses it, or choose another port.`,
      { cause: error },
    );
  return new Error(`The sandbox cannot listen on ${host}:${port}: ${message}.`, { cause: error });
}
