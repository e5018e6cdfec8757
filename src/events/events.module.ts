import { Global, Module } from '@nestjs/common';
import { EventBus } from './event-bus.js';
import { Listeners } from './listeners.js';

@Global()
@Module({ providers: [EventBus, Listeners], exports: [EventBus, Listeners] })
export class EventsModule {}
