import { render } from 'preact';
import { App } from './app';
import { localeOf, LocaleProvider } from './locale';

const locale = localeOf(navigator.languages);
document.documentElement.lang = locale.language;
document.title = locale.texts.title;

render(
  <LocaleProvider value={locale}>
    <App />
  </LocaleProvider>,
  document.body,
);
