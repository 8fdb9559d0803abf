/** A language that a page speaks, and how it writes dates and numbers. */
export interface Language<Texts> {
  /** Of the page: `en`. */
  code: string;
  /** With the viewer's region: `en-GB`. */
  locale: string;
  texts: Texts;
}

/** The first of the browser's languages that there are texts in, else English. */
export function languageOf<Texts>(
  wanted: readonly string[],
  known: Record<'en', Texts> & Record<string, Texts>,
): Language<Texts> {
  for (const locale of wanted) {
    const [code = ''] = locale.split('-');
    const texts = Object.hasOwn(known, code) ? known[code] : undefined;
    if (texts !== undefined) return { code, locale, texts };
  }
  return { code: 'en', locale: 'en', texts: known.en };
}
