import { INDEXES } from './indexes.js';
import type { Objects, ObjectType } from './objects.js';
import { Table, type Row } from './table.js';

type Tables = { [T in ObjectType]: Table<Objects[T]> };
export interface ChangedObject {
  type: ObjectType;
  id: string;
  seq: number;
  /** null: removed */
  value: object | null;
  /** As `Store.account` has it. */
  account: string;
}

interface Mark {
  undo: number;
  touched: number;
}

/**
 * The one object store: in memory, by type. Objects are never changed in place: a change is a new object put in the
 * old one's stead, so an event's snapshot is the object itself and going back is putting the old one back.
 */
export class Store {
  readonly #own = makeTables();
  /** The objects of each connected account, apart from all others. */
  readonly #connected = new Map<string, Tables>();
  #account = '';
  #seq = 0;
  #undo: (() => void)[] = [];
  readonly #touched = new Map<string, () => ChangedObject>();

  /** Whose objects are in hand: empty for the sandbox's own account, else the id of a connected one. */
  get account(): string {
    return this.#account;
  }

  /** https://docs.stripe.com/connect/authentication: what is done for a connected account sees its objects alone. */
  inAccount<R>(account: string, work: () => R): R {
    const before = this.#account;
    this.#account = account;
    try {
      return work();
    } finally {
      this.#account = before;
    }
  }

  get<T extends ObjectType>(type: T, id: string): Objects[T] | undefined {
    return this.#table(type).row(id)?.value;
  }

  /** Oldest first. */
  rows<T extends ObjectType>(type: T): readonly Row<Objects[T]>[] {
    return this.#table(type).rows();
  }

  rowsBy<T extends ObjectType>(type: T, index: string, key: string): readonly Row<Objects[T]>[] {
    return this.#table(type).rowsBy(index, key);
  }

  by<T extends ObjectType>(type: T, index: string, key: string): Objects[T][] {
    return this.#table(type)
      .rowsBy(index, key)
      .map((row) => row.value);
  }

  seqOf(type: ObjectType, id: string): number | undefined {
    return this.#table(type).row(id)?.seq;
  }

  put<T extends ObjectType>(type: T, value: Objects[T]): Objects[T] {
    const table = this.#table(type);
    const row = table.row(value.id);
    if (row === undefined) {
      this.#seq += 1;
      table.insert(value, this.#seq);
      this.#undo.push(() => removeFrom(table, value.id));
    } else {
      const before = row.value;
      table.replace(row, value);
      this.#undo.push(() => table.replace(row, before));
    }
    this.#touch(type, value.id);
    return value;
  }

  remove<T extends ObjectType>(type: T, id: Objects[T]['id']): void {
    const table = this.#table(type);
    const row = table.row(id);
    if (row === undefined) return;
    table.remove(row);
    this.#undo.push(() => table.insert(row.value, row.seq));
    this.#touch(type, id, row.seq);
  }

  /** What a transaction changed, as it is now; the undo log is kept until `settle` or `rollback`. */
  changes(): ChangedObject[] {
    return [...this.#touched.values()].map((change) => change());
  }

  settle(): void {
    this.#undo = [];
    this.#touched.clear();
  }

  rollback(): void {
    this.rollbackTo({ undo: 0, touched: 0 });
  }

  /** How far a transaction is, to go back to. */
  mark(): Mark {
    return { undo: this.#undo.length, touched: this.#touched.size };
  }

  rollbackTo(mark: Mark): void {
    for (const undo of this.#undo.splice(mark.undo).toReversed()) undo();
    for (const key of [...this.#touched.keys()].slice(mark.touched)) this.#touched.delete(key);
  }

  /** Puts back what the state file holds. */
  load<T extends ObjectType>(type: T, seq: number, value: Objects[T], account: string): void {
    this.#seq = Math.max(this.#seq, seq);
    this.inAccount(account, () => this.#table(type).insert(value, seq));
  }

  #touch(type: ObjectType, id: string, removedSeq = 0): void {
    const account = SHARED.has(type) ? '' : this.#account;
    const table = this.#table(type);
    this.#touched.set(`${account} ${type} ${id}`, () => {
      const row = table.row(id);
      return { type, id, account, seq: row?.seq ?? removedSeq, value: row?.value ?? null };
    });
  }

  #table<T extends ObjectType>(type: T): Table<Objects[T]> {
    if (this.#account === '' || SHARED.has(type)) return this.#own[type];
    const tables = this.#connected.get(this.#account) ?? makeTables();
    this.#connected.set(this.#account, tables);
    return tables[type];
  }
}

export function isType(name: string): name is ObjectType {
  return Object.hasOwn(INDEXES, name);
}

/** Kept once for all accounts. */
const SHARED = new Set<ObjectType>(['account', 'due', 'endpoint_fact', 'webhook_endpoint']);

/** Of what is over sooner or later, and becomes history. */
const AT_HAND = 12_000;

function makeTables(): Tables {
  return {
    account: new Table(INDEXES.account),
    active_entitlement: new Table(INDEXES.active_entitlement),
    balance_sheet: new Table(INDEXES.balance_sheet),
    balance_transaction: new Table(INDEXES.balance_transaction, AT_HAND),
    dispute: new Table(INDEXES.dispute),
    early_fraud_warning: new Table(INDEXES.early_fraud_warning),
    file: new Table(INDEXES.file),
    file_fact: new Table(INDEXES.file_fact),
    mandate: new Table(INDEXES.mandate),
    billing_portal_configuration: new Table(INDEXES.billing_portal_configuration),
    billing_portal_session: new Table(INDEXES.billing_portal_session),
    capability: new Table(INDEXES.capability),
    charge: new Table(INDEXES.charge, AT_HAND),
    checkout_session: new Table(INDEXES.checkout_session),
    coupon: new Table(INDEXES.coupon),
    coupon_fact: new Table(INDEXES.coupon_fact),
    credit_note: new Table(INDEXES.credit_note, AT_HAND),
    customer: new Table(INDEXES.customer),
    customer_balance_transaction: new Table(INDEXES.customer_balance_transaction, AT_HAND),
    deleted_customer: new Table(INDEXES.deleted_customer),
    discount: new Table(INDEXES.discount),
    external_account: new Table(INDEXES.external_account),
    feature: new Table(INDEXES.feature),
    invoice: new Table(INDEXES.invoice, AT_HAND),
    invoice_payment: new Table(INDEXES.invoice_payment, AT_HAND),
    invoiceitem: new Table(INDEXES.invoiceitem, AT_HAND),
    meter: new Table(INDEXES.meter),
    payment_intent: new Table(INDEXES.payment_intent, AT_HAND),
    payment_method: new Table(INDEXES.payment_method),
    person: new Table(INDEXES.person),
    price: new Table(INDEXES.price),
    price_fact: new Table(INDEXES.price_fact),
    product: new Table(INDEXES.product),
    product_feature: new Table(INDEXES.product_feature),
    promotion_code: new Table(INDEXES.promotion_code),
    refund: new Table(INDEXES.refund, AT_HAND),
    setup_attempt: new Table(INDEXES.setup_attempt, AT_HAND),
    setup_intent: new Table(INDEXES.setup_intent, AT_HAND),
    spent_discount: new Table(INDEXES.spent_discount),
    subscription: new Table(INDEXES.subscription),
    subscription_schedule: new Table(INDEXES.subscription_schedule),
    tax_id: new Table(INDEXES.tax_id),
    tax_rate: new Table(INDEXES.tax_rate),
    test_clock: new Table(INDEXES.test_clock),
    webhook_endpoint: new Table(INDEXES.webhook_endpoint),
    method_fact: new Table(INDEXES.method_fact),
    checkout_fact: new Table(INDEXES.checkout_fact),
    due: new Table(INDEXES.due),
    intent_fact: new Table(INDEXES.intent_fact, AT_HAND),
    endpoint_fact: new Table(INDEXES.endpoint_fact),
    meter_event: new Table(INDEXES.meter_event, AT_HAND),
    remembered_answer: new Table(INDEXES.remembered_answer, AT_HAND),
  };
}

function removeFrom<V extends { id: string }>(table: Table<V>, id: string): void {
  const row = table.row(id);
  if (row !== undefined) table.remove(row);
}
