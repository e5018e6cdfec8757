import type Stripe from 'stripe';
import { invalid } from '../errors.js';
import { find } from '../find.js';
import { list, pagingByTime } from '../list.js';
import * as p from '../params.js';
import { route } from '../route.js';

const MEGABYTE = 2 ** 20;
/** What may be uploaded for what, and how large: https://docs.stripe.com/file-upload */
const PURPOSES = {
  account_requirement: { types: ['pdf', 'jpg', 'png'], most: 10 * MEGABYTE },
  additional_verification: { types: ['pdf', 'jpg', 'png'], most: 10 * MEGABYTE },
  business_icon: { types: ['jpg', 'png', 'gif'], most: MEGABYTE / 2 },
  business_logo: { types: ['jpg', 'png', 'gif'], most: MEGABYTE / 2 },
  customer_signature: { types: ['pdf', 'jpg', 'png'], most: 4 * MEGABYTE },
  dispute_evidence: { types: ['pdf', 'jpg', 'png'], most: 5 * MEGABYTE },
  identity_document: { types: ['pdf', 'jpg', 'png'], most: 16 * MEGABYTE },
  tax_document_user_upload: { types: ['pdf', 'jpg', 'png', 'csv'], most: 16 * MEGABYTE },
} satisfies Record<string, { types: string[]; most: number }>;
type Purpose = keyof typeof PURPOSES;
const purpose = p.oneOf<Purpose>(
  'account_requirement',
  'additional_verification',
  'business_icon',
  'business_logo',
  'customer_signature',
  'dispute_evidence',
  'identity_document',
  'tax_document_user_upload',
);

/** Only what a file is called, how large it is and of which kind is kept, not what is in it; so it has no address. */
export const files = [
  route(
    'POST',
    '/v1/files',
    {
      // Made of the upload by `multipart.ts`.
      file: p.needed(p.hash({ filename: p.note, size: p.needed(p.atLeast(0)), type: p.needed(p.text) })),
      purpose: p.needed(purpose),
    },
    (context, { file, purpose: asked }) => {
      const { types, most } = PURPOSES[asked];
      if (file.size === 0) throw invalid('The file is empty.', { param: 'file' });
      if (file.size > most)
        throw invalid(`The file is too large: files for ${asked} may have at most ${most} bytes.`, { param: 'file' });
      if (!types.some((type) => type === file.type))
        throw invalid(`Files for ${asked} must be one of: ${types.join(', ')}.`, { param: 'file' });
      const made: Stripe.File = context.store.put('file', {
        id: context.ids.next('file', 24),
        object: 'file',
        created: context.wire,
        expires_at: null,
        filename: file.filename ?? null,
        purpose: asked,
        size: file.size,
        title: null,
        type: file.type,
        url: null,
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
];
