import { Global, Module } from '@nestjs/common';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { PostgreSqlDriver } from '@mikro-orm/postgresql';
import { ormConfig } from '../../config/mikro-orm.config.js';
import type { Runtime } from '../../config/runtime.js';
import { Clock } from './clock.js';
import { ENV } from './env.token.js';
import { PgListener } from './pg-listener.js';
import { Settling } from './settling.js';
import { Transactions } from './transactions.js';

@Global()
@Module({
  imports: [
    MikroOrmModule.forRootAsync({
      driver: PostgreSqlDriver,
      inject: [ENV],
      useFactory: (env: Runtime) => ({
        ...ormConfig(env.database.url),
        autoLoadEntities: false,
        // Whoever asks the database opens a transaction or a reader of its own; one per request, unused, costs every request.
        registerRequestContext: false,
      }),
    }),
  ],
  providers: [Clock, PgListener, Settling, Transactions],
  exports: [Clock, PgListener, Settling, Transactions],
})
export class DatabaseModule {}
