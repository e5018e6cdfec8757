import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { DiscoverableDecorator } from '@nestjs/core';

export interface Handler<M, A extends unknown[]> {
  meta: M;
  /** `Class.method`, for messages. */
  where: string;
  call: (...args: A) => Promise<void>;
}

/** Finds the methods that a decorator marks, in every provider of the application. */
@Injectable()
export class Handlers {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  find<M, A extends unknown[]>(decorator: DiscoverableDecorator<M>): Array<Handler<M, A>> {
    return this.discovery.getProviders().flatMap((wrapper) => {
      const instance: unknown = wrapper.instance;
      if (!wrapper.isDependencyTreeStatic() || typeof instance !== 'object' || instance === null) return [];
      const prototype: unknown = Object.getPrototypeOf(instance);
      if (typeof prototype !== 'object' || prototype === null) return [];
      return this.scanner.getAllMethodNames(prototype).flatMap((method) => {
        const meta = this.discovery.getMetadataByDecorator(decorator, wrapper, method);
        if (meta === undefined) return [];
        const call = async (...args: A): Promise<void> => Reflect.apply(Reflect.get(instance, method), instance, args);
        return [{ meta, where: `${instance.constructor.name}.${method}`, call }];
      });
    });
  }
}
