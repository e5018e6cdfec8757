import { addressFields } from '../address-fields.js';
import * as p from '../params.js';

const japanese = p.hash({ ...addressFields, town: p.note });
/** The pages of one document: a file's id, or the name of one of Stripe's test files. */
const pages = p.hash({ back: p.text, front: p.text });
export const relationshipFlags = {
  authorizer: p.flag,
  director: p.flag,
  executive: p.flag,
  legal_guardian: p.flag,
  owner: p.flag,
  representative: p.flag,
};

/** What is kept as it is given. */
export const plain = {
  email: p.text,
  first_name: p.text,
  first_name_kana: p.text,
  first_name_kanji: p.text,
  full_name_aliases: p.listOf(p.text),
  gender: p.oneOf('female', 'male'),
  last_name: p.text,
  last_name_kana: p.text,
  last_name_kanji: p.text,
  maiden_name: p.text,
  nationality: p.text,
  phone: p.text,
  political_exposure: p.oneOf('existing', 'none'),
};
/** Of which only that they were given is ever shown. */
export const secrets = { id_number: p.text, id_number_secondary: p.text, ssn_last_4: p.text };

/** https://docs.stripe.com/api/persons/create */
export const personFields = {
  ...plain,
  ...secrets,
  additional_tos_acceptances: p.hash({ account: p.hash({ date: p.timestamp, ip: p.text, user_agent: p.note }) }),
  address: p.hash(addressFields),
  address_kana: japanese,
  address_kanji: japanese,
  dob: p.clearable(p.hash({ day: p.needed(p.integer), month: p.needed(p.integer), year: p.needed(p.integer) })),
  metadata: p.metadata,
  registered_address: p.hash(addressFields),
  relationship: p.hash({ ...relationshipFlags, percent_ownership: p.clearable(p.decimal), title: p.text }),
  verification: p.hash({ additional_document: pages, document: pages }),
};
export type PersonFields = p.Values<typeof personFields>;
