import { render } from 'preact';
import { TREE_NODE_HASH, WEB_CRYPTO, sha256 } from '../crypto';
import { pageDe } from '../texts/de';
import { pageEn } from '../texts/en';
import { languageOf } from '../texts/language';
import { Api } from './data/api';
import { FetchSource } from './data/fetch-source';
import { HostToken } from './data/host-token';
import { settingsIn } from './data/settings';
import { Viewer } from './data/viewer';
import { Format } from './text/format';
import { AppContext } from './ui/app-context';
import { App } from './ui/app';

const { code, locale, texts: t } = languageOf(navigator.languages, { en: pageEn, de: pageDe });
document.documentElement.lang = code;
const settings = settingsIn(document);
document.title = settings.title ?? t.title;

/** Asks the page around this one, which may be of the same origin or of one that the server has named. */
const signing = settings.bearer ? new HostToken(window, [location.origin, ...(settings.hosts ?? [])]) : null;
const api = new Api(new URL('.', location.href).href, undefined, undefined, signing);

const viewer = new Viewer({
  api,
  ...(signing && {
    connect: (url: string) => new FetchSource(url, (...asked) => api.ask(...asked)),
  }),
  missing: t.list.missing,
  language: code,
  sha256,
  crypto: WEB_CRYPTO,
  node: TREE_NODE_HASH,
  memory: memory(),
  // A task of its own: what is waiting, such as a frame or a click, gets its turn.
  pause: () => new Promise((resolve) => setTimeout(resolve)),
});
const format = new Format(locale);
render(
  <AppContext.Provider value={{ viewer, t, format, settings }}>
    <App />
  </AppContext.Provider>,
  document.body,
);
void viewer.start();

/** What is kept between visits, where the browser lets the page keep something. */
function memory(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
