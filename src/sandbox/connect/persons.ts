import type Stripe from 'stripe';
import type { Context } from '../context.js';
import { invalid } from '../errors.js';
import { notFound } from '../find.js';
import * as p from '../params.js';
import { NO_ADDRESS } from '../payments/no-address.js';
import { plain, type PersonFields } from './person-fields.js';

type Document = Stripe.Person.Verification.Document;

const NOTHING_DUE: Stripe.Person.Requirements = {
  alternatives: [],
  currently_due: [],
  errors: [],
  eventually_due: [],
  past_due: [],
  pending_verification: [],
};
const NO_DOCUMENT: Document = { back: null, details: null, details_code: null, front: null };
const NO_JAPANESE_ADDRESS = { ...NO_ADDRESS, town: null };
const NO_DATE: Stripe.Person.Dob = { day: null, month: null, year: null };
const NO_ACCEPTANCE: Stripe.Person.AdditionalTosAcceptances.Account = { date: null, ip: null, user_agent: null };
const NO_RELATIONSHIP: Stripe.Person.Relationship = {
  authorizer: false,
  director: false,
  executive: false,
  legal_guardian: false,
  owner: false,
  percent_ownership: null,
  representative: false,
  title: null,
};

/** Of whom nothing is known yet; not kept. */
export function newPerson(context: Context, account: string): Stripe.Person {
  return {
    id: context.ids.next('person', 24),
    object: 'person',
    account,
    additional_tos_acceptances: { account: NO_ACCEPTANCE },
    created: context.now,
    dob: NO_DATE,
    future_requirements: NOTHING_DUE,
    id_number_provided: false,
    metadata: {},
    relationship: NO_RELATIONSHIP,
    requirements: NOTHING_DUE,
    ssn_last_4_provided: false,
    verification: {
      additional_document: NO_DOCUMENT,
      details: null,
      details_code: null,
      document: NO_DOCUMENT,
      status: 'unverified',
    },
  };
}

/** With what is said of the person now. */
export function told(context: Context, before: Stripe.Person, given: PersonFields): Stripe.Person {
  const after: Stripe.Person = {
    ...before,
    ...p.only(plain, given),
    ...addressesOf(before, given),
    ...(given.additional_tos_acceptances !== undefined && {
      additional_tos_acceptances: {
        account: {
          ...(before.additional_tos_acceptances?.account ?? NO_ACCEPTANCE),
          ...given.additional_tos_acceptances.account,
        },
      },
    }),
    ...(given.dob !== undefined && { dob: given.dob === null ? NO_DATE : born(given.dob) }),
    ...(given.id_number !== undefined && { id_number_provided: true }),
    ...(given.id_number_secondary !== undefined && { id_number_secondary_provided: true }),
    ...(given.ssn_last_4 !== undefined && { ssn_last_4_provided: true }),
    metadata: p.mergeMetadata(before.metadata ?? {}, given.metadata),
    ...(given.relationship !== undefined && { relationship: related(before.relationship, given.relationship) }),
  };
  return { ...after, verification: verified(after, documentsOf(context, before, given.verification)) };
}

type Addresses = 'address' | 'address_kana' | 'address_kanji' | 'registered_address';
function addressesOf(before: Stripe.Person, given: PersonFields): Pick<Stripe.Person, Addresses> {
  const { address, address_kana, address_kanji, registered_address } = given;
  return {
    ...(address && { address: { ...NO_ADDRESS, ...before.address, ...address } }),
    ...(address_kana && { address_kana: { ...NO_JAPANESE_ADDRESS, ...before.address_kana, ...address_kana } }),
    ...(address_kanji && { address_kanji: { ...NO_JAPANESE_ADDRESS, ...before.address_kanji, ...address_kanji } }),
    ...(registered_address && {
      registered_address: { ...NO_ADDRESS, ...before.registered_address, ...registered_address },
    }),
  };
}

function born(dob: NonNullable<PersonFields['dob']>): Stripe.Person.Dob {
  const { day, month, year } = dob;
  const date = new Date(Date.UTC(year, month - 1, day));
  if (year < 1900 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day)
    throw invalid('Invalid date of birth.', { param: 'dob' });
  return dob;
}

function related(
  before: Stripe.Person.Relationship = NO_RELATIONSHIP,
  { percent_ownership, ...given }: NonNullable<PersonFields['relationship']>,
): Stripe.Person.Relationship {
  const percent = percent_ownership === undefined ? before.percent_ownership : asNumber(percent_ownership);
  if (percent !== null && (percent < 0 || percent > 100))
    throw invalid('Must be between 0 and 100.', { param: 'relationship[percent_ownership]' });
  return { ...before, ...given, percent_ownership: percent };
}

function asNumber(decimal: string | null): number | null {
  return decimal === null ? null : Number(decimal);
}

function documentsOf(context: Context, { account, verification }: Stripe.Person, given: PersonFields['verification']) {
  const pagesOf = (kind: 'additional_document' | 'document'): Document => {
    const before = verification?.[kind] ?? NO_DOCUMENT;
    const page = (side: 'back' | 'front') => {
      const file = given?.[kind]?.[side];
      return file === undefined ? before[side] : uploaded(context, account, file, `verification[${kind}][${side}]`);
    };
    return { ...before, back: page('back'), front: page('front') };
  };
  return { additional_document: pagesOf('additional_document'), document: pagesOf('document') };
}

/** Uploaded by the platform, or for the account; or one of the test files: https://docs.stripe.com/connect/testing#test-file-tokens */
function uploaded(context: Context, account: string, id: string, param: string): string {
  const known = ['', account].some((owner) => context.store.inAccount(owner, () => context.store.get('file', id)));
  if (!known && id !== 'file_identity_document_success') throw notFound('file', id, param);
  return id;
}

/** Nobody looks at it: who has a name, a date of birth and a number or a document is verified at once. */
function verified(
  person: Stripe.Person,
  documents: Pick<Stripe.Person.Verification, 'additional_document' | 'document'>,
): Stripe.Person.Verification {
  const { dob, first_name, id_number_provided, last_name, ssn_last_4_provided } = person;
  const isNamed = first_name !== undefined && last_name !== undefined && typeof dob?.year === 'number';
  const isProven = id_number_provided === true || ssn_last_4_provided === true || documents.document?.front !== null;
  return {
    ...documents,
    details: null,
    details_code: null,
    status: isNamed && isProven ? 'verified' : 'unverified',
  };
}
