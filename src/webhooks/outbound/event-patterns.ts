import { z } from 'zod';
import { domainEvents } from '../../events/domain-events.js';
import type { DomainEventType } from '../../events/domain-events.js';

export const eventTypes = Object.keys(domainEvents) as DomainEventType[];

const groups = new Set(eventTypes.map((type) => `${groupOf(type)}.*`));
const patterns = new Set<string>(['*', ...groups, ...eventTypes]);

/** One entry of an endpoint's `events`: `*`, a group (`subscription.*`), or one type; of the catalogue, so that a typo is told. */
export const EventPattern = z.string().refine((pattern) => patterns.has(pattern), {
  error: ({ input }) =>
    `No event is named '${String(input)}'. Give '*', one of ${[...groups].join(', ')}, or a type such as '${eventTypes[0]}'.`,
});

export function matches(pattern: string, type: DomainEventType): boolean {
  return pattern === '*' || pattern === type || pattern === `${groupOf(type)}.*`;
}

function groupOf(type: DomainEventType): string {
  return type.slice(0, type.indexOf('.'));
}
