import { Migration } from '@mikro-orm/migrations';

export class Migration20261121213126 extends Migration {
  override name = 'Migration20261121213126';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "access_changes" ("id" text not null, "customer" text not null, "at" timestamptz not null, "before" json null, "after" json not null, "cause" text null, primary key ("id"));`,
    );
    this.addSql(`create index "access_changes_customer_at_id_index" on "access_changes" ("customer", "at", "id");`);

    this.addSql(
      `create table "access" ("customer" text not null, "entitlements" json not null, "summary" json not null, "next_change_at" timestamptz null, "basis" text not null, "computed_at" timestamptz not null, "cause" text null, primary key ("customer"));`,
    );
    this.addSql(`create index "access_basis_index" on "access" ("basis");`);

    this.addSql(
      `create table "alerts" ("id" text not null, "name" text not null, "text" text not null, "value" double precision not null, "created_at" timestamptz not null, "last_true_at" timestamptz not null, "resolved_at" timestamptz null, primary key ("id"));`,
    );
    this.addSql(`create index "alerts_created_at_id_index" on "alerts" ("created_at", "id");`);
    this.addSql(`create unique index "alerts_open" on "alerts" ("name") where "resolved_at" is null;`);

    this.addSql(
      `create table "api_keys" ("id" text not null, "name" text not null, "hash" text not null, "prefix" text not null, "last4" text not null, "scopes" json not null, "created_at" timestamptz not null, "last_used_at" timestamptz null, "revoked_at" timestamptz null, "expires_at" timestamptz null, primary key ("id"));`,
    );
    this.addSql(`alter table "api_keys" add constraint "api_keys_hash_unique" unique ("hash");`);

    this.addSql(
      `create table "attempts" ("key" text not null, "taken_at" timestamptz[] not null, "forgotten_at" timestamptz not null, primary key ("key"));`,
    );
    this.addSql(`create index "attempts_forgotten_at_index" on "attempts" ("forgotten_at");`);

    this.addSql(
      `create table "customers" ("id" text not null, "data" json not null, "as_of" timestamptz not null, "as_of_max" timestamptz not null, "revision" int not null, "deleted" boolean not null, "cause" text null, "email" text null, "name" text null, "currency" text null, "locale" text null, "default_payment_method" text null, "metadata" json not null, "created" timestamptz not null, primary key ("id"));`,
    );
    this.addSql(`create index "customers_created_index" on "customers" ("created");`);
    this.addSql(`create index "customers_email" on "customers" (lower("email"));`);

    this.addSql(
      `create table "differences" ("id" text not null, "reconciliation" text not null, "class" text not null, "object_type" text not null, "object_id" text not null, "customer" text null, "detail" json not null, "takes_access" boolean not null, "repair" text not null, "created_at" timestamptz not null, primary key ("id"));`,
    );
    this.addSql(`create index "differences_customer_index" on "differences" ("customer");`);
    this.addSql(
      `create index "differences_reconciliation_created_at_id_index" on "differences" ("reconciliation", "created_at", "id");`,
    );
    this.addSql(
      `alter table "differences" add constraint "differences_reconciliation_class_object_id_unique" unique ("reconciliation", "class", "object_id");`,
    );

    this.addSql(
      `create table "domain_events" ("id" text not null, "type" text not null, "customer" text null, "object" text not null, "data" json not null, "cause" text null, "key" text null, "occurred_at" timestamptz not null, "created_at" timestamptz not null default now(), primary key ("id"));`,
    );
    this.addSql(`alter table "domain_events" add constraint "domain_events_key_unique" unique ("key");`);
    this.addSql(`create index "domain_events_type_id_index" on "domain_events" ("type", "id");`);
    this.addSql(`create index "domain_events_customer_id_index" on "domain_events" ("customer", "id");`);

    this.addSql(
      `create table "due" ("job" text not null, "key" text not null, "data" json not null, "due_at" timestamptz not null, primary key ("job", "key"));`,
    );
    this.addSql(`create index "due_due_at_index" on "due" ("due_at");`);

    this.addSql(
      `create table "emails" ("id" text not null, "effect" text not null, "business_key" text not null, "customer" text null, "subscription" text null, "invoice" text null, "payment" text null, "to" text null, "locale" text not null, "subject" text null, "html" text null, "text" text null, "message_id" text not null, "status" text not null, "via" text null, "attempts" int not null, "error" text null, "created_at" timestamptz not null, "sent_at" timestamptz null, primary key ("id"));`,
    );
    this.addSql(`create index "emails_subscription_index" on "emails" ("subscription");`);
    this.addSql(`create index "emails_customer_id_index" on "emails" ("customer", "id");`);
    this.addSql(
      `alter table "emails" add constraint "emails_effect_business_key_unique" unique ("effect", "business_key");`,
    );

    this.addSql(
      `create table "external_ids" ("external_id" text not null, "customer" text null, "claimed_at" timestamptz not null default now(), primary key ("external_id"));`,
    );
    this.addSql(`alter table "external_ids" add constraint "external_ids_customer_unique" unique ("customer");`);

    this.addSql(
      `create table "idempotency_keys" ("api_key" text not null, "key" text not null, "fingerprint" text not null, "state" text not null, "owner" text not null, "claimed_at" timestamptz not null, "status" int null, "content_type" text null, "body" bytea null, "created_at" timestamptz not null, primary key ("api_key", "key"));`,
    );
    this.addSql(`create index "idempotency_keys_created_at_index" on "idempotency_keys" ("created_at");`);

    this.addSql(
      `create table "inbound_events" ("id" text not null, "type" text not null, "api_version" text null, "livemode" boolean not null, "object" text null, "customer" text null, "account" text null, "created" timestamptz not null, "payload" text null, "status" text not null default 'pending', "decision" text null, "attempts" int not null default 0, "next_attempt_at" timestamptz not null default now(), "error" text null, "received_at" timestamptz not null default now(), "handled_at" timestamptz null, "traceparent" text null, "processing_ms" int null, primary key ("id"));`,
    );
    this.addSql(
      `create index "inbound_events_prunable" on "inbound_events" ("handled_at") where "status" = 'handled' and "payload" is not null;`,
    );
    this.addSql(
      `create index "inbound_events_aside" on "inbound_events" ("status", "received_at") where "status" in ('dead', 'quarantined');`,
    );
    this.addSql(`create index "inbound_events_received_at_index" on "inbound_events" ("received_at");`);
    this.addSql(
      `create index "inbound_events_pending" on "inbound_events" ("created", "id") where "status" = 'pending';`,
    );

    this.addSql(
      `create table "inbound_tallies" ("hour" timestamptz not null, "kind" text not null, "type" text not null, "count" int not null, primary key ("hour", "kind", "type"));`,
    );

    this.addSql(
      `create table "invoices" ("id" text not null, "data" json not null, "as_of" timestamptz not null, "as_of_max" timestamptz not null, "revision" int not null, "deleted" boolean not null, "cause" text null, "customer" text null, "subscription" text null, "number" text null, "status" text null, "billing_reason" text null, "currency" text not null, "amount_due" bigint not null, "amount_paid" bigint not null, "amount_remaining" bigint not null, "attempt_count" int not null, "next_payment_attempt" timestamptz null, "finalized_at" timestamptz null, "paid_at" timestamptz null, "hosted_invoice_url" text null, "created" timestamptz not null, primary key ("id"));`,
    );
    this.addSql(`create index "invoices_customer_index" on "invoices" ("customer");`);
    this.addSql(`create index "invoices_subscription_index" on "invoices" ("subscription");`);

    this.addSql(
      `create table "operations" ("id" text not null, "kind" text not null, "customer" text null, "params" json not null, "status" text not null, "result" text null, "error" text null, "attempts" int not null default 0, "started_at" timestamptz not null default now(), "finished_at" timestamptz null, primary key ("id"));`,
    );
    this.addSql(`create index "operations_customer_index" on "operations" ("customer");`);
    this.addSql(`create index "operations_started" on "operations" ("started_at") where "status" = 'started';`);

    this.addSql(
      `create table "payment_intents" ("id" text not null, "data" json not null, "as_of" timestamptz not null, "as_of_max" timestamptz not null, "revision" int not null, "deleted" boolean not null, "cause" text null, "customer" text null, "status" text not null, "amount" bigint not null, "amount_received" bigint not null, "currency" text not null, "payment_method" text null, "latest_charge" text null, "order_id" text null, "one_off" boolean not null, "created" timestamptz not null, primary key ("id"));`,
    );
    this.addSql(`create index "payment_intents_customer_index" on "payment_intents" ("customer");`);
    this.addSql(`create index "payment_intents_order_id_index" on "payment_intents" ("order_id");`);
    this.addSql(`create index "payment_intents_created_index" on "payment_intents" ("created");`);

    this.addSql(
      `create table "payment_methods" ("id" text not null, "data" json not null, "as_of" timestamptz not null, "as_of_max" timestamptz not null, "revision" int not null, "deleted" boolean not null, "cause" text null, "customer" text null, "type" text not null, "card_brand" text null, "card_last4" text null, "card_exp_month" int null, "card_exp_year" int null, "created" timestamptz not null, primary key ("id"));`,
    );
    this.addSql(`create index "payment_methods_customer_index" on "payment_methods" ("customer");`);

    this.addSql(
      `create table "prices" ("id" text not null, "data" json not null, "as_of" timestamptz not null, "as_of_max" timestamptz not null, "revision" int not null, "deleted" boolean not null, "cause" text null, "product" text not null, "active" boolean not null, "currency" text not null, "unit_amount" bigint null, "recurring_interval" text null, "recurring_interval_count" int null, "lookup_key" text null, "plan" text null, "metadata" json not null, primary key ("id"));`,
    );
    this.addSql(`create index "prices_lookup_key_index" on "prices" ("lookup_key");`);

    this.addSql(
      `create table "products" ("id" text not null, "data" json not null, "as_of" timestamptz not null, "as_of_max" timestamptz not null, "revision" int not null, "deleted" boolean not null, "cause" text null, "name" text not null, "active" boolean not null, "metadata" json not null, primary key ("id"));`,
    );

    this.addSql(
      `create table "reconciliations" ("id" text not null, "kind" text not null, "status" text not null, "dry_run" boolean not null, "from" timestamptz null, "to" timestamptz null, "checked" int not null default 0, "found" int not null default 0, "repaired" int not null default 0, "parked" int not null default 0, "error" text null, "cursor" json null, "steps" int not null default 0, "attempts" int not null default 0, "alive_at" timestamptz not null default now(), "created_at" timestamptz not null, "finished_at" timestamptz null, primary key ("id"));`,
    );
    this.addSql(`create index "reconciliations_created_at_id_index" on "reconciliations" ("created_at", "id");`);
    this.addSql(`create index "reconciliations_kind_status_index" on "reconciliations" ("kind", "status");`);

    this.addSql(
      `create table "refunds" ("id" text not null, "data" json not null, "as_of" timestamptz not null, "as_of_max" timestamptz not null, "revision" int not null, "deleted" boolean not null, "cause" text null, "customer" text null, "payment_intent" text null, "charge" text null, "status" text null, "amount" bigint not null, "currency" text not null, "reason" text null, "reservation" text null, "created" timestamptz not null, primary key ("id"));`,
    );
    this.addSql(`create index "refunds_customer_index" on "refunds" ("customer");`);
    this.addSql(`create index "refunds_payment_intent_index" on "refunds" ("payment_intent");`);
    this.addSql(`create index "refunds_reservation_index" on "refunds" ("reservation");`);

    this.addSql(
      `create table "refund_reservations" ("id" text not null, "payment" text not null, "customer" text null, "amount" bigint not null, "created_at" timestamptz not null default now(), primary key ("id"));`,
    );
    this.addSql(`create index "refund_reservations_payment_index" on "refund_reservations" ("payment");`);

    this.addSql(
      `create table "subscriptions" ("id" text not null, "data" json not null, "as_of" timestamptz not null, "as_of_max" timestamptz not null, "revision" int not null, "deleted" boolean not null, "cause" text null, "customer" text not null, "status" text not null, "items" json not null, "plan" text null, "currency" text not null, "current_period_start" timestamptz not null, "current_period_end" timestamptz not null, "cancel_at_period_end" boolean not null, "cancel_at" timestamptz null, "canceled_at" timestamptz null, "ended_at" timestamptz null, "cancellation_reason" text null, "trial_end" timestamptz null, "pause_collection" text null, "latest_invoice" text null, "default_payment_method" text null, "metadata" json not null, "created" timestamptz not null, primary key ("id"));`,
    );
    this.addSql(`create index "subscriptions_customer_index" on "subscriptions" ("customer");`);
    this.addSql(`create index "subscriptions_created_index" on "subscriptions" ("created");`);

    this.addSql(
      `create table "subscription_claims" ("customer" text not null, "subject" text not null, "owner" text not null, "claimed_at" timestamptz not null default now(), primary key ("customer", "subject"));`,
    );

    this.addSql(
      `create table "webhook_deliveries" ("id" text not null, "endpoint" text not null, "event" text not null, "event_type" text not null, "customer" text null, "status" text not null, "attempts" int not null, "attempts_before" int not null default 0, "next_attempt_at" timestamptz null, "last_attempt_at" timestamptz null, "last_status_code" int null, "last_error" text null, "request_body" text not null, "response_body" text null, "created_at" timestamptz not null default now(), "delivered_at" timestamptz null, primary key ("id"));`,
    );
    this.addSql(`create index "webhook_deliveries_customer_index" on "webhook_deliveries" ("customer");`);
    this.addSql(
      `create index "webhook_deliveries_pending" on "webhook_deliveries" ("endpoint", "next_attempt_at") where "status" = 'pending';`,
    );
    this.addSql(
      `create index "webhook_deliveries_endpoint_created_at_id_index" on "webhook_deliveries" ("endpoint", "created_at", "id");`,
    );
    this.addSql(
      `alter table "webhook_deliveries" add constraint "webhook_deliveries_endpoint_event_unique" unique ("endpoint", "event");`,
    );

    this.addSql(
      `create table "webhook_endpoints" ("id" text not null, "url" text not null, "events" json not null, "payload" text not null default 'full', "description" text null, "status" text not null, "disabled_reason" text null, "failing_since" timestamptz null, "secret" text not null, "old_secrets" json not null, "created_at" timestamptz not null, primary key ("id"));`,
    );
    this.addSql(`create index "webhook_endpoints_status_index" on "webhook_endpoints" ("status");`);

    this.addSql(
      `create table "webhook_endpoint_replays" ("id" text not null, "endpoint" text not null, "from" timestamptz not null, "to" timestamptz not null, "types" json null, "only_failed" boolean not null, "status" text not null, "queued" int not null default 0, "skipped" int not null default 0, "error" text null, "cursor" text not null, "steps" int not null default 0, "created_at" timestamptz not null default now(), "finished_at" timestamptz null, primary key ("id"));`,
    );
    this.addSql(
      `create index "webhook_endpoint_replays_endpoint_id_index" on "webhook_endpoint_replays" ("endpoint", "id");`,
    );

    this.addSql(
      `create table "webhook_replays" ("id" text not null, "selection" json not null, "status" text not null, "total" int null, "checked" int not null default 0, "replayed" int not null default 0, "requeued" int not null default 0, "skipped" int not null default 0, "failed" int not null default 0, "error" text null, "cursor" json null, "steps" int not null default 0, "attempts" int not null default 0, "created_at" timestamptz not null default now(), "finished_at" timestamptz null, primary key ("id"));`,
    );
    this.addSql(`create index "webhook_replays_created_at_id_index" on "webhook_replays" ("created_at", "id");`);

    // Compression costs more than it saves on the way in, and the projector reads each payload once (measured).
    this.addSql(`alter table "inbound_events" alter column "payload" set storage external;`);

    // By default a table is vacuumed when a fifth of it is dead: of millions of rows that is hours of garbage on the hot path.
    // What changes with every event is vacuumed sooner, by share; the few rows of `due` come and go, so by number.
    this.addSql(
      `alter table "inbound_events" set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02);`,
    );
    this.addSql(
      `alter table "domain_events" set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);`,
    );
    for (const table of [
      'access',
      'customers',
      'emails',
      'invoices',
      'operations',
      'payment_intents',
      'payment_methods',
      'subscriptions',
      'webhook_deliveries',
    ])
      this.addSql(
        `alter table "${table}" set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);`,
      );
    this.addSql(`alter table "due" set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);`);
  }
}
