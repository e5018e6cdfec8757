import type { ApiSection } from './api/openapi.js';

/** The docs' table of contents; a test compares it with the tags of the controllers. */
export const apiSections: ApiSection[] = [
  { tag: 'Access', description: 'Is this customer in good standing, and what may they use?' },
  { tag: 'Customers', description: 'Whom you sell to' },
  { tag: 'Subscriptions', description: 'What they are subscribed to' },
  { tag: 'Payment methods', description: 'What they pay with' },
  { tag: 'Payments', description: 'Single payments' },
  { tag: 'Refunds', description: 'Money given back' },
  { tag: 'Invoices', description: 'What Stripe has charged for subscriptions' },
  { tag: 'Events', description: 'What has happened' },
  { tag: 'Stripe events', description: 'What Stripe has sent, how it went, and going through it again' },
  { tag: 'Webhook endpoints', description: 'Where your apps hear of events' },
  { tag: 'Webhook deliveries', description: 'The log of what was sent, and sending again' },
  { tag: 'E-mails', description: 'What customers were told' },
  { tag: 'Mailbox', description: 'In development: the e-mails that would have left' },
  { tag: 'Dead letters', description: 'Work that was given up, and taking it up again' },
  { tag: 'Reconciliations', description: 'Comparing with Stripe, and what was found' },
  { tag: 'Alerts', description: 'What the operator has to know of' },
  { tag: 'API keys', description: 'Who may use this API' },
  { tag: 'Health', description: 'For load balancers and container runtimes' },
];
