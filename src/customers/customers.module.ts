import { Global, Module } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { MirrorRegistry } from '../mirror/mirror-registry.js';
import { customerMirror } from './customer-from-stripe.js';
import { CustomerIds } from './customer-ids.js';
import { CustomersController } from './customers.controller.js';
import { Customers } from './customers.js';
import { ExternalIds, bindExternalIds } from './external-ids.js';

@Global()
@Module({
  controllers: [CustomersController],
  providers: [CustomerIds, Customers, ExternalIds],
  exports: [CustomerIds, Customers],
})
export class CustomersModule implements OnModuleInit {
  constructor(private readonly registry: MirrorRegistry) {}

  onModuleInit(): void {
    this.registry.mirror(customerMirror);
    this.registry.derive(bindExternalIds);
  }
}
