/**
 * Reads what an official client uploads (RFC 7578) into a form such as every other verb takes: of a file its name, its
 * size, its kind by its first bytes, and what is in it. Small enough to be here: clients send one file and a purpose, nothing is nested,
 * streamed or encoded. Undefined: it is no such upload.
 */
export function multipartForm(body: Buffer, contentType: string): string | undefined {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (boundary === undefined) return undefined;
  const form = new URLSearchParams();
  for (const part of partsOf(body, `--${boundary}`)) {
    const end = part.indexOf('\r\n\r\n');
    if (end === -1) return undefined;
    const head = part.subarray(0, end).toString('utf8');
    const content = part.subarray(end + 4);
    const name = /\bname="([^"]*)"/.exec(head)?.[1];
    if (name === undefined) return undefined;
    const filename = /\bfilename="([^"]*)"/.exec(head)?.[1];
    if (filename === undefined) form.append(name, content.toString('utf8'));
    else {
      form.append(`${name}[filename]`, filename);
      form.append(`${name}[size]`, String(content.length));
      form.append(`${name}[type]`, kindOf(content, filename));
      form.append(`${name}[data]`, content.toString('base64'));
    }
  }
  return form.toString();
}

/** What stands between the boundaries, without the line ends that belong to them. */
function partsOf(body: Buffer, delimiter: string): Buffer[] {
  const parts: Buffer[] = [];
  let start = body.indexOf(delimiter);
  while (start !== -1) {
    const from = start + delimiter.length;
    const next = body.indexOf(delimiter, from);
    if (next === -1) break;
    parts.push(body.subarray(from + 2, next - 2));
    start = next;
  }
  return parts;
}

const SIGNS: [string, string][] = [
  ['25504446', 'pdf'],
  ['ffd8ff', 'jpg'],
  ['89504e47', 'png'],
  ['47494638', 'gif'],
];

/** Kinds without a sign of their own. */
const BY_NAME = ['csv', 'svg', 'xlsx', 'docx'];

/** Stripe looks at the bytes, not at the name: https://docs.stripe.com/file-upload */
function kindOf(content: Buffer, filename: string): string {
  const begin = content.subarray(0, 4).toString('hex');
  const found = SIGNS.find(([sign]) => begin.startsWith(sign))?.[1];
  return found ?? BY_NAME.find((kind) => filename.toLowerCase().endsWith(`.${kind}`)) ?? 'unknown';
}
