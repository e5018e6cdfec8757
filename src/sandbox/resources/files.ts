import type Stripe from 'stripe';
import { Contents } from '../contents.js';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { list, pagingByTime } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';

const MEGABYTE = 2 ** 20;
const DAY = 86_400;
interface Rule {
  types: readonly string[];
  /** Bytes. */
  most: number;
  /** Absent: it is kept for good. */
  days?: number;
  /** What shows who somebody is goes to Stripe and never comes back. */
  secret?: true;
}
/** What may be uploaded for what, how large, for how long, and what can be fetched again: https://docs.stripe.com/file-upload */
const PURPOSES = {
  account_requirement: { types: ['pdf', 'jpg', 'png'], most: 16 * MEGABYTE, secret: true },
  additional_verification: { types: ['pdf', 'jpg', 'png'], most: 16 * MEGABYTE, secret: true },
  business_icon: { types: ['jpg', 'png', 'gif'], most: MEGABYTE / 2 },
  business_logo: { types: ['jpg', 'png', 'gif'], most: MEGABYTE / 2 },
  customer_signature: { types: ['jpg', 'png', 'svg'], most: 4 * MEGABYTE, days: 7 },
  // Nine months, which are 270 days: https://docs.stripe.com/api/files/object shows both moments
  dispute_evidence: { types: ['pdf', 'jpg', 'png'], most: 5 * MEGABYTE, days: 270 },
  identity_document: { types: ['pdf', 'jpg', 'png'], most: 16 * MEGABYTE, secret: true },
  pci_document: { types: ['pdf'], most: 16 * MEGABYTE },
  tax_document_user_upload: { types: ['pdf', 'csv', 'jpg', 'png', 'xlsx', 'docx'], most: 16 * MEGABYTE },
} satisfies Record<string, Rule>;
type Purpose = keyof typeof PURPOSES;
const purpose = p.oneOf<Purpose>(
  'account_requirement',
  'additional_verification',
  'business_icon',
  'business_logo',
  'customer_signature',
  'dispute_evidence',
  'identity_document',
  'pci_document',
  'tax_document_user_upload',
);
const MIMES = new Map([
  ['csv', 'text/csv'],
  ['docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['gif', 'image/gif'],
  ['jpg', 'image/jpeg'],
  ['pdf', 'application/pdf'],
  ['png', 'image/png'],
  ['svg', 'image/svg+xml'],
  ['xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
]);
const base64: p.Kind<string> = {
  read: (value, name) => (typeof value === 'string' ? value : p.text.read(value, name)),
};

export const files = [
  route(
    'POST',
    '/v1/files',
    {
      // Made of the upload by `multipart.ts`.
      file: p.needed(
        p.hash({
          filename: p.note,
          size: p.needed(p.atLeast(0)),
          type: p.needed(p.text),
          data: p.needed(base64),
        }),
      ),
      purpose: p.needed(purpose),
    },
    (context, { file, purpose: asked }) => {
      const rule: Rule = PURPOSES[asked];
      refuse(rule, asked, file);
      const id = context.ids.next('file', 24);
      context.store.put('file_fact', { id, data: file.data });
      const made: Stripe.File = context.store.put('file', {
        id,
        object: 'file',
        created: context.wire,
        expires_at: rule.days === undefined ? null : context.wire + rule.days * DAY,
        filename: file.filename ?? null,
        purpose: asked,
        size: file.size,
        title: null,
        type: file.type,
        url: rule.secret === true ? null : `${context.url}/v1/files/${id}/contents`,
      });
      context.emit('file.created', made);
      return made;
    },
  ),
  route('GET', '/v1/files', { ...pagingByTime, purpose }, (context, { created, purpose: asked, ...page }) =>
    list(context, 'file', page, {
      url: '/v1/files',
      where: (file) => p.inRange(file.created, created) && (asked === undefined || file.purpose === asked),
    }),
  ),
  route('GET', '/v1/files/:id', {}, (context, _params, id) => find(context, 'file', id)),
  // At files.stripe.com with the secret key: https://docs.stripe.com/file-upload#download-file-contents
  route('GET', '/v1/files/:id/contents', {}, (context, _params, id) => {
    const { type, url } = find(context, 'file', id);
    if (url === null) throw invalid(`The contents of ${id} cannot be downloaded.`);
    const mime = MIMES.get(type ?? '') ?? 'application/octet-stream';
    return new Contents(mime, Buffer.from(find(context, 'file_fact', id).data, 'base64'));
  }),
];

function refuse({ types, most }: Rule, purposeAsked: Purpose, file: { size: number; type: string }): void {
  if (file.size === 0) throw invalid('The file is empty.', { param: 'file' });
  if (file.size > most)
    throw invalid(`The file is too large: files for ${purposeAsked} may have at most ${most} bytes.`, {
      param: 'file',
    });
  if (!types.includes(file.type))
    throw invalid(`Files for ${purposeAsked} must be one of: ${types.join(', ')}.`, { param: 'file' });
}
