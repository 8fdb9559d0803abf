/** A text, or one for each language by its tag, such as `{ en: '…', de: '…' }`. */
export type Words = string | Readonly<Record<string, string>>;

/** What words say in a language, or in that of its first part, or in the first that they have. */
export function inLanguage(words: Words, language?: string): string {
  if (typeof words === 'string') return words;
  const names = language === undefined ? [] : [language, language.split('-')[0] ?? ''];
  const known = names.find((name) => Object.hasOwn(words, name));
  return (known === undefined ? Object.values(words)[0] : words[known]) ?? '';
}
