import type { Feature, FeatureValue } from '../catalog/catalog-file.js';
import type { Rule, Standing } from './rules.js';

export interface Why {
  rule: Rule;
  /** A sentence for people, in English. */
  text: string;
  /** The subscription that decides, where one does, and its status at Stripe. */
  subscription: string | null;
  status: string | null;
  /** The Stripe event, operation or reconciliation that brought the subscription into this state. */
  event: string | null;
  /** ISO 8601, UTC: the end of what is paid, tried or granted for now; null: open, or over. */
  until: string | null;
}

export interface Entitlement {
  type: Feature['type'];
  allowed: boolean;
  /** boolean: same as `allowed`. limit: an integer, or `unlimited`; 0 when not allowed. static: null when not allowed. */
  value: FeatureValue | null;
  why: Why;
}

export interface Summary {
  rule: Rule;
  text: string;
  subscription: string | null;
  standing: Standing;
}

export interface DerivedAccess {
  /** Every feature of the catalogue. */
  entitlements: Record<string, Entitlement>;
  summary: Summary;
  /** The first moment at which the result changes by the mere passing of time. */
  next_change_at: Date | null;
}
