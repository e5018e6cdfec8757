import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { setTracer } from './tracing.js';

/**
 * Sends spans to an OpenTelemetry collector. Loaded only when it is wanted.
 * @param endpoint as OTEL_EXPORTER_OTLP_ENDPOINT: without the path
 * @returns what sends the rest and ends it
 */
export function exportTraces(endpoint: string): () => Promise<void> {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'good-standing' }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  setTracer(provider.getTracer('good-standing'));
  return async () => {
    setTracer(null);
    await provider.shutdown();
  };
}
