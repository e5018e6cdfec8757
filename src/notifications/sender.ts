import addressparser from 'nodemailer/lib/addressparser';

export interface Sender {
  /** How the sender is called in the e-mails. */
  brand: string;
  domain: string;
}

/** @param from MAIL_FROM: `Acme <billing@acme.example>`, or an address alone */
export function senderOf(from: string): Sender {
  const [mailbox] = addressparser(from, { flatten: true });
  const domain = mailbox?.address.split('@').at(-1) || 'localhost';
  return { brand: mailbox?.name || domain, domain };
}
