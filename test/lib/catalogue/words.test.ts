import { inLanguage } from '../../../lib/catalogue/words';

it.each([
  ['one text', 'Invited', 'de', 'Invited'],
  ['a language', { en: 'Invited', de: 'Eingeladen' }, 'de', 'Eingeladen'],
  ['its first part', { en: 'Invited', de: 'Eingeladen' }, 'de-AT', 'Eingeladen'],
  ['one that there is not', { en: 'Invited', de: 'Eingeladen' }, 'fr', 'Invited'],
  ['none', { de: 'Eingeladen' }, undefined, 'Eingeladen'],
  ['the name of what all objects have', { en: 'Invited' }, 'constructor', 'Invited'],
  ['no words at all', {}, 'en', ''],
])('words for %s', (_, words, language, said) => {
  expect(inLanguage(words, language)).toBe(said);
});
