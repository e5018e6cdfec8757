import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';

/**
 * For the headers, and for the whole request: a slower client holds a connection on purpose. Node looks once a second, and
 * that it is closed within 10 s holds on a busy machine too.
 */
const SLOWEST_REQUEST_MS = 7_000;
/** Longer than the load balancers before it (60 s mostly), which must not find a connection closed that they think is open. */
const KEEP_ALIVE_MS = 72_000;

/** By path: who answers its POSTs without the API's manners, which cost more than little work does. */
export type DirectRoutes = Map<string, RequestListener>;

/** The HTTP server of the house. @param api answers everything else */
export function serverFor(api: RequestListener, direct: DirectRoutes): Server {
  const limits = {
    headersTimeout: SLOWEST_REQUEST_MS,
    requestTimeout: SLOWEST_REQUEST_MS,
    connectionsCheckingInterval: 1000,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const server = createServer(limits, (request, response) => {
    const handle = request.method === 'POST' ? direct.get(pathOf(request.url)) : undefined;
    if (handle === undefined) return api(request, response);
    // What still comes on a kept connection while the house closes is answered, and the connection closed, as the API does.
    if (!server.listening) response.setHeader('Connection', 'close');
    handle(request, response);
  });
  return server;
}

function pathOf(url = ''): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}
