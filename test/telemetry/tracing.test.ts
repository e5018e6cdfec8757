import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { MikroORM } from '@mikro-orm/postgresql';
import { startTracing } from '../../src/telemetry/start-tracing.js';
import { currentTraceparent, inSpan, isTracing, setTracer, traceFields } from '../../src/telemetry/tracing.js';
import { World } from '../support/world.js';
import { startReceiver } from '../webhooks/outbound/receiver.js';
import type { Receiver } from '../webhooks/outbound/receiver.js';

const exporter = new InMemorySpanExporter();
const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
const traced = () => setTracer(provider.getTracer('test'));

afterEach(() => {
  setTracer(null);
  exporter.reset();
});

/** The names of a span and all above it, from the root. */
function lineOf(span: ReadableSpan, spans: ReadableSpan[]): string[] {
  const above = spans.find((other) => other.spanContext().spanId === span.parentSpanContext?.spanId);
  return [...(above ? lineOf(above, spans) : []), span.name];
}

describe('a span', () => {
  test('names what runs in it, and is the parent of what begins there', async () => {
    traced();
    const waiting = await inSpan('outer', { attributes: { id: 1 } }, async () => {
      await inSpan('inner', { attributes: {} }, async () => undefined);
      return currentTraceparent();
    });
    expect(waiting).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    await inSpan('later', { parent: waiting, attributes: {} }, async () =>
      expect(traceFields().trace_id).toBe(waiting?.split('-')[1]),
    );
    const spans = exporter.getFinishedSpans();
    expect(spans.map((span) => lineOf(span, spans))).toEqual([['outer', 'inner'], ['outer'], ['outer', 'later']]);
  });

  test('of what fails tells the kind of error, and none of its words', async () => {
    traced();
    const failing = inSpan('fails', { attributes: {} }, async () => {
      throw new TypeError('sk_live_planted');
    });
    await expect(failing).rejects.toThrow('planted');
    const [span] = exporter.getFinishedSpans();
    expect(span?.status).toEqual({ code: 2, message: 'TypeError' });
    expect(span?.events).toEqual([]);
  });

  test('begins a new trace below what is no traceparent', async () => {
    traced();
    for (const parent of ['', '00-zz', 7, null, undefined])
      await inSpan('alone', { parent, attributes: {} }, async () => 1);
    expect(exporter.getFinishedSpans().map((span) => span.parentSpanContext)).toEqual(Array.from({ length: 5 }));
  });

  test('is nothing when traces are off', async () => {
    const seen = await inSpan('off', { attributes: {} }, async () => [
      currentTraceparent(),
      traceFields(),
      isTracing(),
    ]);
    expect(seen).toEqual([undefined, {}, false]);
    expect(exporter.getFinishedSpans()).toEqual([]);
  });
});

test('spans are sent to the collector when there is one, the last of them at the end', async () => {
  const requests: Array<[string | undefined, string | undefined, number]> = [];
  const collector = createServer((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => (bytes += chunk.length));
    request.on('end', () => {
      requests.push([request.url, request.headers['content-type'], bytes]);
      response.end();
    });
  });
  await new Promise<void>((resolve) => void collector.listen(0, '127.0.0.1', resolve));
  const end = await startTracing(`http://127.0.0.1:${(collector.address() as AddressInfo).port}/`);
  await inSpan('sent', { attributes: {} }, async () => undefined);
  await end();
  collector.close();
  expect(requests).toEqual([['/v1/traces', 'application/x-protobuf', expect.any(Number)]]);
  expect(isTracing()).toBe(false);
  expect(await startTracing(null)).toBeInstanceOf(Function);
});

describe('an event of Stripe’s', () => {
  let world: World;
  let receiver: Receiver;
  beforeAll(async () => {
    world = await World.open();
    receiver = await startReceiver();
    await world.api.post('/v1/webhook_endpoints', { url: receiver.url, events: ['*'] });
    await world.api.post('/v1/customers', { external_id: 'ada', email: 'ada@example.com', name: 'Ada' });
    const order = { customer: 'ada', plan: 'pro', interval: 'month', currency: 'eur', trial_days: 0 };
    const { status } = await world.api.post('/v1/subscriptions', { ...order, payment_method: 'pm_card_visa' });
    expect(status).toBe(201);
    await world.sandbox.settle();
  });
  afterAll(async () => {
    await world.close();
    await receiver.close();
  });

  const traceparents = () =>
    world
      .get(MikroORM)
      .em.fork()
      .execute<Array<{ traceparent: string | null }>>('select traceparent from inbound_events');

  test('leaves no trace when traces are off', async () => {
    expect(new Set((await traceparents()).map(({ traceparent }) => traceparent))).toEqual(new Set([null]));
  });

  test('is one trace from its arrival to the e-mail and the webhook that follow from it', async () => {
    traced();
    await world.sandbox.advance('32d');
    const spans = exporter.getFinishedSpans();
    const lines = spans.map((span) => lineOf(span, spans));
    const published = ['receive invoice.paid', 'project invoice.paid', 'publish invoice.paid'];
    expect(lines).toContainEqual([...published, 'on.notifications.invoice_receipt', 'email.send']);
    expect(lines).toContainEqual([...published, 'on.outbound_webhooks', 'outbound_webhook.deliver']);
    const mail = spans.find(({ name }) => name === 'email.send');
    const trace = spans.filter((span) => span.spanContext().traceId === mail?.spanContext().traceId);
    expect(trace.find(({ name }) => name === 'project invoice.paid')?.attributes).toEqual({
      'event.id': expect.stringMatching(/^evt_/),
      'event.type': 'invoice.paid',
      decision: expect.stringMatching(/^(apply|refetch)$/),
    });
    // Every event that came has its own trace, and nothing hangs in the air.
    const ids = (await traceparents()).flatMap(({ traceparent }) => traceparent?.split('-')[1] ?? []);
    const received = spans.filter(({ name }) => name.startsWith('receive '));
    expect(new Set(ids)).toEqual(new Set(received.map((span) => span.spanContext().traceId)));
    expect(lines.filter(([first]) => /^(project|on\.notifications|on\.outbound|outbound)/.test(first ?? ''))).toEqual(
      [],
    );
    expect(JSON.stringify(spans.map(({ attributes }) => attributes))).not.toContain('ada@example.com');
  });
});
