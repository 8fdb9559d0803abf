import { createContext } from 'preact';
import { useContext, useEffect, useReducer } from 'preact/hooks';
import type { Emitter } from '../data/emitter';
import type { Settings } from '../data/settings';
import type { Viewer } from '../data/viewer';
import type { PageTexts } from '../../texts/en';
import type { Format } from '../text/format';

/** What all parts of the page work with. */
export interface AppParts {
  viewer: Viewer;
  t: PageTexts;
  format: Format;
  settings: Settings;
}

export const AppContext = createContext<AppParts | null>(null);

export function useApp(): AppParts {
  const parts = useContext(AppContext);
  if (!parts) throw new Error('This is rendered outside of the page.');
  return parts;
}

/** Gives what renders a component again. */
export function useRender(): () => void {
  const [, render] = useReducer<number, undefined>((n) => n + 1, 0);
  return render as () => void;
}

/** Renders again when one of these has changed, at most once a frame. */
export function useChanges(...emitters: (Emitter | null)[]): void {
  const render = useRender();
  useEffect(() => {
    let frame = 0;
    const changed = (): void => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        render();
      });
    };
    const ends = emitters.map((emitter) => emitter?.subscribe(changed));
    // What has changed between rendering and now.
    changed();
    return () => {
      cancelAnimationFrame(frame);
      for (const end of ends) end?.();
    };
  }, emitters);
}

/** Whether a media query matches. */
export function useMedia(query: string): boolean {
  const render = useRender();
  useEffect(() => {
    const media = matchMedia(query);
    media.addEventListener('change', render);
    return () => media.removeEventListener('change', render);
  }, [query]);
  return matchMedia(query).matches;
}
