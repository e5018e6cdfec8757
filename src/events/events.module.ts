import { Global, Module } from '@nestjs/common';
import { EventBus } from './event-bus.js';
import { EventsController } from './events.controller.js';
import { Listeners } from './listeners.js';

@Global()
@Module({ controllers: [EventsController], providers: [EventBus, Listeners], exports: [EventBus, Listeners] })
export class EventsModule {}
