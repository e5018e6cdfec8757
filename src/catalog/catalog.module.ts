import { Global, Module } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { MirrorRegistry } from '../mirror/mirror-registry.js';
import { readCatalogFile } from './catalog-file.js';
import { CatalogSync } from './catalog-sync.js';
import { Catalog } from './catalog.js';
import { priceMirror } from './price-from-stripe.js';
import { productMirror } from './product-from-stripe.js';

@Global()
@Module({
  providers: [{ provide: Catalog, useFactory: () => new Catalog(readCatalogFile()) }, CatalogSync],
  exports: [Catalog, CatalogSync],
})
export class CatalogModule implements OnModuleInit {
  constructor(private readonly registry: MirrorRegistry) {}

  onModuleInit(): void {
    this.registry.mirror(priceMirror, productMirror);
  }
}
