import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Postman } from '../../src/sandbox/postman.js';

let server: Server;
let postman: Postman;
let url: string;
/** What the receiver writes, packet by packet, for each request; null: it closes. */
let packets: (string | null)[];
let requests: string[];
let sockets: Socket[];

beforeEach(async () => {
  requests = [];
  sockets = [];
  postman = new Postman();
  server = createServer((socket) => {
    sockets.push(socket);
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      text += bytes.toString('utf8');
      if (!text.endsWith('{}')) return;
      requests.push(text);
      text = '';
      write(socket, packets);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://us%20er:secret@127.0.0.1:${typeof address === 'object' ? address?.port : 0}/hooks?a=1`;
});
afterEach(async () => {
  postman.close();
  await new Promise((resolve) => server.close(resolve));
});

const post = () => postman.post(url, '{}', ['whsec_1', 'whsec_2']);

test.each<[string, (string | null)[], number, number]>([
  ['with a length', ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'], 200, 1],
  ['in pieces', ['HTTP/1.1 2', '02 Accepted\r\nCONTENT-LENGTH:5\r', '\n\r\nhe', 'llo'], 202, 1],
  ['without a body', ['HTTP/1.1 204 No Content\r\n\r\n'], 204, 1],
  ['refused', ['HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n'], 500, 1],
  ['in chunks', ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'], 200, 1],
  [
    'in chunks that look like their end, with trailers',
    [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n',
      '5\r\n0\r\n\r\n',
      '\r\nA;x=y\r\n01234',
      '56789\r\n0\r\nDate: x\r\n',
      '\r\n',
    ],
    200,
    1,
  ],
  ['after a word in between', ['HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'], 200, 1],
  ['of an old kind', ['HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'], 200, 2],
  ['that says it closes', ['HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok'], 200, 2],
  ['that ends by closing', ['HTTP/1.1 200 OK\r\n\r\nso', 'me', null], 200, 2],
])(
  'an answer %s is read to its end, and its connection used again where it may be',
  async (_kind, sent, status, lines) => {
    packets = sent;
    for (const outcome of [await post(), await post()])
      expect(outcome).toMatchObject({ status, outcome: status < 300 ? 'delivered' : 'refused' });
    expect(sockets).toHaveLength(lines);
  },
);

test.each<[string, (string | null)[]]>([
  ['nothing', [null]],
  ['half a head', ['HTTP/1.1 200', null]],
  ['half a body', ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe', null]],
  ['half its chunks', ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe', null]],
])('a receiver that says %s and closes was not reached', async (_kind, sent) => {
  packets = sent;
  expect(await post()).toMatchObject({ outcome: 'unreachable', status: null });
});

test('a connection that the receiver closed while it was idle is not used again', async () => {
  packets = ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'];
  await post();
  const [socket] = sockets;
  if (socket === undefined) throw new Error('nobody called');
  const closed = once(socket, 'close');
  socket.end();
  await closed;
  expect(await post()).toMatchObject({ outcome: 'delivered' });
  expect(sockets).toHaveLength(2);
});

test('a request says where it goes, how long it is and who signed it', async () => {
  packets = ['HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'];
  await post();
  const [head = ''] = (requests[0] ?? '').split('\r\n\r\n');
  expect(head.split('\r\n')).toEqual([
    'POST /hooks?a=1 HTTP/1.1',
    'content-type: application/json; charset=utf-8',
    'content-length: 2',
    'user-agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    expect.stringMatching(/^stripe-signature: t=\d+,v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/),
    `Host: ${new URL(url).host}`,
    'Authorization: Basic dXMgZXI6c2VjcmV0',
    'Connection: keep-alive',
  ]);
});

/** Each in a packet of its own. */
function write(socket: Socket, [first, ...rest]: (string | null)[]): void {
  if (first === undefined) return;
  if (first === null) socket.end();
  else socket.write(first, () => setImmediate(() => write(socket, rest)));
}
