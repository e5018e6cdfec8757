import type Stripe from 'stripe';
import { productName } from '../billing/lines.js';
import { shownAmount } from '../calc/currencies.js';
import type { Context } from '../context.js';
import { html, type Html } from '../html.js';
import { idOf } from '../objects.js';
import type { Visit } from '../portal/actions.js';
import { cardFields } from './card-field.js';
import { day } from './parts.js';

/** What the portal shows of one customer; each part is there only if the configuration has it. */
export class Portal {
  readonly #base: string;

  constructor(
    readonly context: Context,
    readonly visit: Visit,
    readonly customer: Stripe.Customer,
  ) {
    this.#base = `/p/session/${visit.session.id}`;
  }

  home(): Html {
    const { features, session } = this.visit;
    return html`${this.#subscriptions().map((subscription) => this.#subscription(subscription))}
    ${features.payment_method_update.enabled ? this.#cards() : null}
    ${features.customer_update.enabled ? this.#details() : null}
    ${features.invoice_history.enabled ? this.#invoices() : null}
    ${session.return_url === null ? null : html`<p><a href="${session.return_url}">Return to the shop</a></p>`}`;
  }

  /** Only what a deep link leads to. */
  flow(type: string, form: string): Html {
    const { flow } = this.visit.session;
    const named = flow?.subscription_cancel ?? flow?.subscription_update ?? flow?.subscription_update_confirm;
    const subscription = this.#subscriptions().find(({ id }) => id === named?.subscription);
    const parts = new Map<string, () => Html | undefined>(
      Object.entries({
        card: () => this.#cards(),
        details: () => this.#details(),
        cancel: () => subscription && this.#ending(subscription),
        plan: () => subscription && this.#plans(subscription),
        confirm: () => subscription && this.#confirmation(subscription),
      }),
    );
    return html`${parts.get(form)?.() ?? html`<p>There is nothing to do here (${type}).</p>`}
      <p><a href="${this.#base}?home=1">All of your plan and billing</a></p>`;
  }

  #subscriptions(): Stripe.Subscription[] {
    return this.context.store
      .by('subscription', 'customer', this.customer.id)
      .filter(({ status }) => !['canceled', 'incomplete_expired'].includes(status));
  }

  #subscription(subscription: Stripe.Subscription): Html {
    const items = subscription.items.data;
    const end = Math.min(...items.map((item) => item.current_period_end));
    const { features } = this.visit;
    return html`<section>
      <h2>${items.map(({ price }) => productName(this.context, price)).join(', ')}</h2>
      <p>
        ${items.map(({ price, quantity }) => html`${rate(price)}${(quantity ?? 1) > 1 ? ` × ${quantity}` : ''}. `)}
        ${subscription.cancel_at === null ? `Renews on ${day(end)}.` : html`<strong>Ends on ${day(subscription.cancel_at)}.</strong>`}
        ${subscription.status === 'active' ? '' : `Status: ${subscription.status}.`}
      </p>
      ${features.subscription_update.enabled ? this.#plans(subscription) : null}
      ${features.subscription_cancel.enabled ? this.#ending(subscription) : null}
    </section>`;
  }

  #ending(subscription: Stripe.Subscription): Html {
    const { cancellation_reason, mode } = this.visit.features.subscription_cancel;
    const hidden = html`<input type="hidden" name="subscription" value="${subscription.id}" />`;
    if (subscription.cancel_at !== null)
      return html`<form method="post" action="${this.#base}/renew">${hidden}<button>Keep the plan</button></form>`;
    const label = `why-${subscription.id}`;
    return html`<form method="post" action="${this.#base}/cancel">
      ${hidden}
      ${
        cancellation_reason.enabled
          ? html`<label for="${label}">Why do you cancel?</label>
              <select id="${label}" name="feedback">
                <option value="">Rather not say</option>
                ${cancellation_reason.options.map((option) => html`<option value="${option}">${option.replaceAll('_', ' ')}</option>`)}
              </select>`
          : null
      }
      <p><button>${mode === 'immediately' ? 'Cancel the plan now' : 'Cancel the plan'}</button></p>
    </form>`;
  }

  #plans(subscription: Stripe.Subscription): Html {
    const offered = (this.visit.features.subscription_update.products ?? []).flatMap(({ prices }) => prices);
    const current = subscription.items.data[0]?.price.id;
    const others = offered
      .flatMap((id) => this.context.store.get('price', id) ?? [])
      .filter(({ id }) => id !== current);
    const label = `plan-${subscription.id}`;
    return html`<form method="post" action="${this.#base}/plan">
      <input type="hidden" name="subscription" value="${subscription.id}" />
      <label for="${label}">Change to</label>
      <select id="${label}" name="price">
        ${others.map((price) => html`<option value="${price.id}">${productName(this.context, price)}, ${rate(price)}</option>`)}
      </select>
      <p><button>Change the plan</button></p>
    </form>`;
  }

  #confirmation(subscription: Stripe.Subscription): Html {
    const wish = this.visit.session.flow?.subscription_update_confirm;
    const lines = (wish?.items ?? []).map(({ id, price, quantity }) => {
      const item = subscription.items.data.find((one) => one.id === id);
      const target = this.context.store.get('price', price ?? item?.price.id ?? '');
      const amount = quantity ?? item?.quantity ?? 1;
      return target === undefined
        ? html``
        : html`<li>${amount} × ${productName(this.context, target)}, ${rate(target)}</li>`;
    });
    return html`<form method="post" action="${this.#base}/confirm">
      <ul>
        ${lines}
      </ul>
      <button class="main">Confirm the change</button>
    </form>`;
  }

  #cards(): Html {
    const standard = idOf(this.customer.invoice_settings.default_payment_method);
    const cards = this.context.store.by('payment_method', 'customer', this.customer.id);
    return html`<section>
      <h2>Cards</h2>
      <ul>
        ${cards.map(
          ({ id, card, type }) =>
            html`<li>
              ${card?.brand ?? type} ending in ${card?.last4 ?? '????'}
              ${id === standard ? html`<strong>(default)</strong>` : null}
              <div class="row">
                ${id === standard ? null : this.#cardButton('default', id, 'Make it the default', card?.last4)}
                ${this.#cardButton('remove', id, 'Remove', card?.last4)}
              </div>
            </li>`,
        )}
      </ul>
      <form method="post" action="${this.#base}/card">${cardFields()}<button>Add card</button></form>
    </section>`;
  }

  /** Which card it is about is said to those who hear the buttons alone. */
  #cardButton(action: string, method: string, words: string, last4 = ''): Html {
    return html`<form method="post" action="${this.#base}/${action}">
      <input type="hidden" name="method" value="${method}" /><button>
        ${words}<span class="hidden">: ${last4}</span>
      </button>
    </form>`;
  }

  #details(): Html {
    const allowed = this.visit.features.customer_update.allowed_updates;
    const { email, name, phone } = this.customer;
    const input = (field: string, type: string, value: string | null | undefined) =>
      allowed.includes(field)
        ? html`<label for="${field}">${field}</label
            ><input id="${field}" name="${field}" type="${type}" value="${value ?? ''}" />`
        : null;
    return html`<section>
      <h2>Your details</h2>
      <form method="post" action="${this.#base}/details">
        ${input('email', 'email', email)} ${input('name', 'text', name)} ${input('phone', 'tel', phone)}
        <p><button>Save details</button></p>
      </form>
    </section>`;
  }

  #invoices(): Html {
    const invoices = this.context.store
      .by('invoice', 'customer', this.customer.id)
      .filter(({ status }) => status !== 'draft');
    return html`<section>
      <h2>Invoices</h2>
      <ul>
        ${invoices
          .toReversed()
          .map(
            ({ created, currency, hosted_invoice_url, number, status, total }) =>
              html`<li>
                <a href="${hosted_invoice_url ?? ''}">${number}</a>, ${day(created)}, ${shownAmount(total, currency)},
                ${status}
              </li>`,
          )}
      </ul>
    </section>`;
  }
}

function rate({ unit_amount, currency, recurring }: Stripe.Price): string {
  const every =
    recurring === null
      ? ''
      : ` per ${recurring.interval_count === 1 ? '' : `${recurring.interval_count} `}${recurring.interval}`;
  return `${unit_amount === null ? 'by use' : shownAmount(unit_amount, currency)}${every}`;
}
