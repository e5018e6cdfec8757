import { Injectable } from '@nestjs/common';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { MirroredObject } from './mirrored-object.js';

/** A row as it was written: the columns that its module reads, or null where the object was deleted. */
export interface WrittenRow {
  object: string;
  id: string;
  customer: string | null;
  before: { id: string } | null;
  after: { id: string } | null;
  cause: string | null;
}

/** What is derived from mirrored rows, in the transaction that wrote them. */
export type Derivation = (em: EntityManager, rows: WrittenRow[]) => Promise<void>;

/** Modules register here what they mirror and what they derive from it; the mirror itself knows no module. */
@Injectable()
export class MirrorRegistry {
  private readonly definitions = new Map<string, MirroredObject>();
  readonly derivations: Derivation[] = [];

  mirror(...definitions: MirroredObject[]): void {
    for (const definition of definitions) {
      if (this.definitions.has(definition.object)) throw new Error(`'${definition.object}' is mirrored twice.`);
      this.definitions.set(definition.object, definition);
    }
  }

  derive(derivation: Derivation): void {
    this.derivations.push(derivation);
  }

  find(object: string): MirroredObject | undefined {
    return this.definitions.get(object);
  }

  get(object: string): MirroredObject {
    const definition = this.definitions.get(object);
    if (!definition) throw new Error(`No module mirrors '${object}'.`);
    return definition;
  }

  all(): MirroredObject[] {
    return [...this.definitions.values()];
  }
}
