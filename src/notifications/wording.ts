import { IntlMessageFormat } from 'intl-messageformat';
import { formatMoney } from '../payments/money.js';
import { de } from './messages/de.js';
import { en } from './messages/en.js';

export type MessageKey = keyof typeof en;

const languages: Record<string, Record<MessageKey, string>> = { en, de };

export const languageNames = Object.keys(languages);

/** The words, amounts and dates of one locale. */
export class Wording {
  readonly locale: string;
  private readonly messages: Record<MessageKey, string>;

  /**
   * @param wanted BCP 47, or null. The whole locale (`de-AT`) is kept for amounts and dates if there are words in its
   * language; else it is English throughout.
   */
  constructor(wanted: string | null) {
    const locale = canonical(wanted);
    const messages = languages[new Intl.Locale(locale).language];
    this.locale = messages ? locale : 'en';
    this.messages = messages ?? en;
  }

  /** @throws when a value that the message speaks of is missing */
  say(key: MessageKey, values: Record<string, string | number> = {}): string {
    const text = new IntlMessageFormat(this.messages[key], this.locale, undefined, { ignoreTag: true }).format(values);
    return String(text);
  }

  /** @param amount integer, minor units of `currency` */
  money({ amount, currency }: { amount: number; currency: string }): string {
    return formatMoney(amount, currency, this.locale);
  }

  /** In UTC, to the minute. */
  moment(moment: Date): string {
    const format = { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' } as const;
    return `${new Intl.DateTimeFormat(this.locale, format).format(moment)} UTC`;
  }

  /** The day in UTC. */
  date(moment: Date): string {
    return new Intl.DateTimeFormat(this.locale, { dateStyle: 'long', timeZone: 'UTC' }).format(moment);
  }
}

function canonical(wanted: string | null): string {
  try {
    return Intl.getCanonicalLocales(wanted ?? 'en')[0] ?? 'en';
  } catch {
    return 'en';
  }
}
