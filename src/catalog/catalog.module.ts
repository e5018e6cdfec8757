import { Global, Module } from '@nestjs/common';
import { readCatalogFile } from './catalog-file.js';
import { CatalogSync } from './catalog-sync.js';
import { Catalog } from './catalog.js';

@Global()
@Module({
  providers: [{ provide: Catalog, useFactory: () => new Catalog(readCatalogFile()) }, CatalogSync],
  exports: [Catalog, CatalogSync],
})
export class CatalogModule {}
