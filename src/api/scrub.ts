export const REDACTED = '[redacted]';

/** Where a word may begin: not inside another, but after an escaped line break or a percent-encoded character. */
const START = String.raw`(?<=^|[^0-9A-Za-z%]|%[0-9A-Fa-f]{2}|\\[nrtbf])(?<!%[0-9A-Fa-f]?)`;

const secrets: Array<[pattern: RegExp, replacement: string]> = [
  [/((?:sk|rk)_(?:live|test)_)\w+/g, `$1${REDACTED}`],
  [/(whsec_)[\w+/=%]+/g, `$1${REDACTED}`],
  [/(gs_(?:live|test)_)\w+/g, `$1${REDACTED}`],
  [new RegExp(`${START}(gs_)\\w{24,}`, 'g'), `$1${REDACTED}`],
  [/(\w_secret_)\w+/g, `$1${REDACTED}`],
  [/\b(bearer|basic)((?:\s|%20|\+)+)[\w.~+/=%-]{8,}/gi, `$1$2${REDACTED}`],
  [/\b(v[01]=)[0-9a-f]{64}/g, `$1${REDACTED}`],
  [/\b((?:set-)?cookie:\s*)[^\r\n]+/gi, `$1${REDACTED}`],
  [/(:\/\/[^\s:/?#@]*:)[^\s/?#@]+@/g, `$1${REDACTED}@`],
];

const SEPARATOR = String.raw`(?:[ +\-]|%20)?`;
const CARD = new RegExp(String.raw`${START}\d(?:${SEPARATOR}\d){12,18}(?![0-9A-Za-z])`, 'g');

const SECRET_NAME =
  /^(authorization|proxy-authorization|cookie|set-cookie|stripe-signature|x-api-key|api_?key|secret|client_?secret|secret_?key|password)$/i;

/** The text without secrets and card numbers. */
export function scrubText(text: string): string {
  const scrubbed = secrets.reduce((current, [pattern, replacement]) => current.replace(pattern, replacement), text);
  return scrubbed.replace(CARD, (digits) => (isCardNumber(digits) ? REDACTED : digits));
}

/** A copy without secrets: those that a field's name gives away, and those that any string or number looks like. */
export function scrubValue(value: unknown): unknown {
  if (typeof value === 'string') return scrubText(value);
  if (typeof value === 'number') return isCardNumber(String(value)) ? REDACTED : value;
  if (Array.isArray(value)) return value.map(scrubValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      scrubText(name),
      SECRET_NAME.test(name) && item !== null ? REDACTED : scrubValue(item),
    ]),
  );
}

/** 13 to 19 digits, separators aside, with a valid check digit (Luhn, ISO/IEC 7812-1). */
function isCardNumber(text: string): boolean {
  const digits = text.replaceAll('%20', '').replaceAll(/[ +-]/g, '');
  if (!/^\d{13,19}$/.test(digits)) return false;
  const sum = digits
    .split('')
    .toReversed()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}
