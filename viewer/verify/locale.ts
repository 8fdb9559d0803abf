import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { verifyDe } from '../texts/de';
import { verifyEn, type VerifyTexts } from '../texts/en';
import { languageOf } from '../texts/language';

/** The language of the page, and how it writes numbers and times. */
export interface Locale {
  language: string;
  texts: VerifyTexts;
  number: (value: number) => string;
  bytes: (value: number) => string;
  percent: (share: number) => string;
  /** An instant in the zone of the reader, which is named. */
  time: (iso: string) => string;
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];

/** The locale for the languages of a browser, the preferred one first. */
export function localeOf(wanted: readonly string[]): Locale {
  const { code, locale: tag, texts } = languageOf(wanted, { en: verifyEn, de: verifyDe });
  const number = new Intl.NumberFormat(tag);
  const percent = new Intl.NumberFormat(tag, { style: 'percent' });
  const time = new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeStyle: 'long' });
  return {
    language: code,
    texts,
    number: (value) => number.format(value),
    bytes: (value) => bytesIn(tag, value),
    percent: (share) => percent.format(share),
    time: (iso) => time.format(new Date(iso)),
  };
}

function bytesIn(tag: string, bytes: number): string {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const unit = UNITS[power] as string;
  const format = new Intl.NumberFormat(tag, {
    style: 'unit',
    unit,
    maximumFractionDigits: power > 0 ? 1 : 0,
  });
  return format.format(bytes / 1000 ** power);
}

const LocaleContext = createContext<Locale>(localeOf(['en']));

/** Gives the elements within it their locale. */
export const LocaleProvider = LocaleContext.Provider;

/** The locale of the page. */
export function useLocale(): Locale {
  return useContext(LocaleContext);
}
