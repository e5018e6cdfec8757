import { expect } from '@jest/globals';
import type { z } from 'zod';
import type { DifferenceView, ReconciliationView } from '../../src/reconciliation/reconciliation.view.js';
import type { World } from '../support/world.js';

export type Run = z.infer<typeof ReconciliationView>;
export type Found = z.infer<typeof DifferenceView>;

/** Starts a run over the API and waits until the house has come to rest. */
export async function reconcile(world: World, order: object): Promise<Run> {
  const started = await world.api.post<Run>('/v1/reconciliations', order);
  expect(started).toMatchObject({ status: 202, body: { status: 'running', found: 0, error: null } });
  await world.sandbox.settle();
  return retrieve(world, started.body.id);
}

export async function retrieve(world: World, id: string): Promise<Run> {
  return (await world.api.get<Run>(`/v1/reconciliations/${id}`)).body;
}

/** Waits until the run has ended, also when a retry of its job has to come first. */
export async function ended(world: World, id: string): Promise<Run> {
  for (;;) {
    await world.sandbox.settle();
    const run = await retrieve(world, id);
    if (run.status !== 'running') return run;
  }
}

export async function runs(world: World): Promise<Run[]> {
  return (await world.api.get<{ data: Run[] }>('/v1/reconciliations?limit=100')).body.data;
}

/** All of a run's differences, oldest first. */
export async function differences(world: World, run: string): Promise<Found[]> {
  const found: Found[] = [];
  for (;;) {
    const after = found.at(-1) ? `&starting_after=${found.at(-1)?.id}` : '';
    const { body } = await world.api.get<{ data: Found[]; has_more: boolean }>(
      `/v1/reconciliations/${run}/differences?limit=100${after}`,
    );
    found.push(...body.data);
    if (!body.has_more) return found.toReversed();
  }
}
