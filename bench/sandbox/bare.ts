import Fastify from 'fastify';

// The least that answers the bytes given on the command line: what a request costs before the sandbox does anything.
const [body = '', headers = '{}'] = process.argv.slice(2);
const given: Record<string, string> = JSON.parse(headers);
const server = Fastify();
server.removeAllContentTypeParsers();
server.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) => done(null, text));
server.post('/v1/customers', (_request, reply) => reply.headers(given).send(body));
process.stdout.write(`${await server.listen({ port: 0, host: '127.0.0.1' })}\n`);
