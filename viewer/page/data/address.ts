import { paramsOf, type View, viewOf } from './filter';

/** How long somebody who types may pause before the address follows. */
const TYPING = 300;

/** The address of the page: a link to what it shows. */
export class Address {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private waiting: View | null = null;

  constructor(changed: (view: View) => void) {
    addEventListener('popstate', () => {
      clearTimeout(this.timer);
      this.waiting = null;
      changed(this.read());
    });
  }

  read(): View {
    return viewOf(new URLSearchParams(location.search));
  }

  /** Makes a step that the browser's back button undoes. */
  push(view: View): void {
    this.flush();
    history.pushState(null, '', urlOf(view));
  }

  /** Changes the address while somebody types. */
  type(view: View): void {
    clearTimeout(this.timer);
    this.waiting = view;
    this.timer = setTimeout(() => this.flush(), TYPING);
  }

  private flush(): void {
    clearTimeout(this.timer);
    if (this.waiting) history.replaceState(null, '', urlOf(this.waiting));
    this.waiting = null;
  }
}

/** A link to a view. */
export function urlOf(view: View): string {
  const query = paramsOf(view).toString();
  return location.pathname + (query === '' ? '' : `?${query}`);
}
