import { ParameterError } from '../errors.js';
import * as p from '../params.js';

export const cardAddress = {
  address_city: p.note,
  address_country: p.note,
  address_line1: p.note,
  address_line2: p.note,
  address_state: p.note,
  address_zip: p.note,
};
export const holderType = p.oneOf('company', 'individual');
const bankAccount = p.hash({
  object: p.needed(p.oneOf('bank_account')),
  account_holder_name: p.text,
  account_holder_type: holderType,
  account_number: p.needed(p.text),
  country: p.needed(p.text),
  currency: p.text,
  routing_number: p.text,
});
const card = p.hash({
  object: p.needed(p.oneOf('card')),
  ...cardAddress,
  currency: p.text,
  cvc: p.text,
  exp_month: p.needed(p.atLeast(1)),
  exp_year: p.needed(p.atLeast(1)),
  metadata: p.metadata,
  name: p.text,
  number: p.needed(p.text),
});
const token = p.hash({ object: p.needed(p.oneOf('card')), currency: p.text, token: p.needed(p.text) });
export type GivenBankAccount = ReturnType<typeof bankAccount.read>;
export type GivenCard = ReturnType<typeof card.read>;
export interface GivenToken {
  object: 'token';
  token: string;
  currency?: string;
}

/** A token, or a bank account or a card in its own words. */
export const externalAccount: p.Kind<GivenBankAccount | GivenCard | GivenToken> = {
  read(value, name) {
    if (typeof value === 'string') return { object: 'token', token: p.text.read(value, name) };
    switch (value.get('object')) {
      case 'bank_account':
        return bankAccount.read(value, name);
      case 'card':
        return value.has('token') ? { ...token.read(value, name), object: 'token' } : card.read(value, name);
      case undefined:
        throw new ParameterError(`Missing required param: ${name}[object].`, `${name}[object]`, 'parameter_missing');
      default:
        throw new ParameterError(`Invalid ${name}[object]: must be one of bank_account, card`, `${name}[object]`);
    }
  },
};
