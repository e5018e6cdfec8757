import { StandardSchemaValidationPipe } from '@nestjs/common';
import type { ArgumentMetadata } from '@nestjs/common';
import { InvalidInput } from '../errors/failure.js';
import type { FieldError } from '../errors/failure.js';

/** The input was refused before the handler began; a handler's own InvalidInput says that it had begun. */
export class RefusedInput extends InvalidInput {}

interface Issue {
  message: string;
  path?: ReadonlyArray<PropertyKey | { key: PropertyKey }> | undefined;
  /** zod's list of unknown fields, of an `unrecognized_keys` issue. */
  keys?: readonly string[];
}

class SchemaIssues extends Error {
  constructor(readonly issues: readonly Issue[]) {
    super('The value does not fit its schema.');
  }
}

/** Checks `@Body({ schema })`, `@Query({ schema })` and `@Param('id', { schema })`; names every fault and where it is. */
export class ValidationPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues: readonly Issue[]) => new SchemaIssues(issues) });
  }

  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    const valid = await this.fitting(value, metadata);
    const faults = metadata.type === 'custom' ? [] : unstorable(valid, [], metadata);
    if (faults.length > 0) throw new RefusedInput(faults);
    return valid;
  }

  private async fitting<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    try {
      return await super.transform(value, metadata);
    } catch (error) {
      if (!(error instanceof SchemaIssues)) throw error;
      throw new RefusedInput(error.issues.flatMap((issue) => fieldErrors(issue, metadata)));
    }
  }
}

/** PostgreSQL's text holds every character but one. https://www.postgresql.org/docs/current/datatype-character.html */
function unstorable(value: unknown, path: string[], metadata: ArgumentMetadata): FieldError[] {
  if (typeof value === 'string')
    return value.includes('\0')
      ? [{ pointer: pointerOf(path, metadata), detail: 'May not hold the character U+0000.' }]
      : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...unstorable(name, [...path, name], metadata),
    ...unstorable(inner, [...path, name], metadata),
  ]);
}

function fieldErrors(issue: Issue, metadata: ArgumentMetadata): FieldError[] {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part));
  if (issue.keys === undefined) return [{ pointer: pointerOf(path, metadata), detail: issue.message }];
  return issue.keys.map((key) => ({ pointer: pointerOf([...path, key], metadata), detail: 'Unknown field.' }));
}

function pointerOf(path: string[], metadata: ArgumentMetadata): string {
  if (metadata.type === 'body')
    return path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return [...(metadata.data === undefined ? [] : [metadata.data]), ...path].join('.');
}
