import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Context, Span, Tracer } from '@opentelemetry/api';

/**
 * Traces across processes and restarts: where work waits in the database, its `traceparent` waits with it, as text.
 * https://www.w3.org/TR/trace-context/#traceparent-header
 * Off unless it is begun: then nothing here does more than look whether it is, and OpenTelemetry's SDK is not even loaded.
 */
let tracer: Tracer | null = null;

interface Current {
  span: Span;
}

const current = new AsyncLocalStorage<Current>();
/** While a batch is projected: the span of each of its events, by the event's id. */
const causes = new AsyncLocalStorage<Map<string, Span>>();

/** @param by null: off */
export function setTracer(by: Tracer | null): void {
  tracer = by;
}

export function isTracing(): boolean {
  return tracer !== null;
}

/** Runs `work` in a span, below the one that `parent` names, or the current one. Attributes are ids and names, never contents. */
export async function inSpan<T>(
  name: string,
  { parent, attributes }: { parent?: unknown; attributes: Attributes },
  work: () => Promise<T>,
): Promise<T> {
  if (tracer === null) return work();
  const span = tracer.startSpan(name, { attributes }, contextOf(parent) ?? here());
  try {
    return await current.run({ span }, work);
  } catch (error) {
    markFailed(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** A span that is over at once. @returns its traceparent; undefined: off. @param cause an event of the batch that is projected */
export function mark(name: string, cause: string | null, attributes: Attributes): string | undefined {
  if (tracer === null) return undefined;
  const because = cause === null ? undefined : causes.getStore()?.get(cause);
  const span = tracer.startSpan(name, { attributes }, because ? trace.setSpan(ROOT_CONTEXT, because) : here());
  span.end();
  return traceparentOf(span);
}

/** The current span as text, to wait with the work in the database; undefined: off, or there is none. */
export function currentTraceparent(): string | undefined {
  const span = tracer === null ? undefined : current.getStore()?.span;
  return span && traceparentOf(span);
}

/** For every log line written meanwhile. */
export function traceFields(): { trace_id?: string } {
  const span = tracer === null ? undefined : current.getStore()?.span;
  return span ? { trace_id: span.spanContext().traceId } : {};
}

interface Member {
  id: string;
  type: string;
  traceparent?: string | null;
}

/** The spans of a batch: each of its events goes on in its own trace, from when the batch claims it until it ends. */
export class BatchSpans {
  private readonly spans = new Map<string, Span>();

  /** Runs the batch; its spans end with it. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (tracer === null) return work();
    try {
      return await causes.run(this.spans, work);
    } catch (error) {
      for (const span of this.spans.values()) markFailed(span, error);
      throw error;
    } finally {
      for (const span of this.spans.values()) span.end();
    }
  }

  begin(events: Member[]): void {
    if (tracer === null) return;
    for (const { id, type, traceparent } of events) {
      const attributes = { 'event.id': id, 'event.type': type };
      this.spans.set(id, tracer.startSpan(`project ${type}`, { attributes }, contextOf(traceparent) ?? ROOT_CONTEXT));
    }
  }

  decided(decisions: Array<[string, string]>): void {
    for (const [id, decision] of decisions) this.spans.get(id)?.setAttribute('decision', decision);
  }
}

function here(): Context {
  const span = current.getStore()?.span;
  return span ? trace.setSpan(ROOT_CONTEXT, span) : ROOT_CONTEXT;
}

/** The error's name alone: its message may quote what it was about. */
function markFailed(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'unknown' });
}

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

function contextOf(traceparent: unknown): Context | null {
  if (typeof traceparent !== 'string') return null;
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent) ?? [];
  if (!traceId || !spanId || !flags) return null;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
  });
}
