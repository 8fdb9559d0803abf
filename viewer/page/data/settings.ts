/** What the application says about the page. */
export interface Settings {
  title?: string;
  home?: string;
  /** Whether requests bear a token of the page around this one. */
  bearer?: boolean;
  /** Origins that may give it, beside the page's own. */
  hosts?: string[];
}

/** The settings that the server has put into the page. */
export function settingsIn(document: Document): Settings {
  const content = document.querySelector('meta[name="audit-ledger"]')?.getAttribute('content');
  return content ? (JSON.parse(content) as Settings) : {};
}
