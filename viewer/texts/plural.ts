/** Gives a number with the noun that goes with it. */
export type Counter = (count: number, one: string, other: string) => string;

/** Counts in a language that tells one from many, as English and German do. */
export function counterIn(locale: string): Counter {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return (count, one, other) => `${numbers.format(count)} ${rules.select(count) === 'one' ? one : other}`;
}
