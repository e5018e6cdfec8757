/** @param endpoint of an OpenTelemetry collector; null: off. @returns what sends the rest and ends it */
export async function startTracing(endpoint: string | null): Promise<() => Promise<void>> {
  if (endpoint === null) return async () => {};
  const { exportTraces } = await import('./otlp.js');
  return exportTraces(endpoint);
}
