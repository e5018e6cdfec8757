import { createServer } from 'node:net';
import type { Env } from '../../config/env.js';
import { anyPort } from '../database/free-port.js';
import { CannotStart } from './explain.js';

/**
 * The environment with its ports settled, before anything is started: the sandbox must know where the application will
 * listen, and a port that somebody else has is the commonest fault of a start.
 * @throws CannotStart naming each port that cannot be had
 */
export async function settlePorts(env: Env): Promise<Env> {
  const wanted = [{ name: 'PORT', host: env.http.host, port: env.http.port }];
  if (env.stripe.secretKey === null)
    wanted.push({ name: 'SANDBOX_PORT', host: '127.0.0.1', port: env.stripe.sandboxPort });
  const faults = await Promise.all(wanted.map(faultOf));
  if (faults.some((fault) => fault !== null))
    throw new CannotStart(faults.filter((fault) => fault !== null).join('\n'));
  return env.http.port === 0 ? { ...env, http: { ...env.http, port: await anyPort() } } : env;
}

async function faultOf({ name, host, port }: { name: string; host: string; port: number }): Promise<string | null> {
  const reason = port === 0 ? null : await listenFault(host, port);
  if (reason === null) return null;
  if (reason === 'EADDRINUSE')
    return `${name}: port ${port} is in use. Stop what uses it, or set ${name} to another one (0 is any free one).`;
  if (reason === 'EACCES') return `${name}: port ${port} is not for this user. Set ${name} to one above 1023.`;
  return `${name}: nothing can listen on ${host}, port ${port} (${reason}). Set another one.`;
}

function listenFault(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}
