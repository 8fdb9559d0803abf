import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { ScrollSpace } from '../data/scroll-space';
import { useRender } from './app-context';

/** Rows beyond the viewport that are rendered. */
const OVERSCAN = 6;

/** What a list that renders its visible rows alone needs to know. */
export interface Scroll {
  box: RefObject<HTMLDivElement | null>;
  space: ScrollSpace;
  begin: number;
  end: number;
  /** Rows that fit. */
  fitting: number;
  width: number;
  /** Brings a row into view. */
  reveal: (index: number, isInMiddle?: boolean) => void;
  toTop: () => void;
}

/** Keeps track of which rows are visible. A new `key` begins at the top. */
export function useScroll(count: number, rowHeight: number, headHeight: number, key: unknown): Scroll {
  const box = useRef<HTMLDivElement | null>(null);
  const render = useRender();
  const size = useRef({ width: 0, height: 0 });
  const space = useMemo(() => new ScrollSpace(), [key]);
  space.resize(count * rowHeight);

  // As it is when it is asked for: what moves the list may come before the next rendering.
  const viewportNow = (): number => Math.max(0, size.current.height - headHeight);
  const move = (position: number): void => {
    if (box.current) box.current.scrollTop = space.moveTo(position, viewportNow());
    render();
  };

  useEffect(() => {
    if (box.current) box.current.scrollTop = 0;
  }, [space]);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const scrolled = (): void => {
      space.scrolled(element.scrollTop, viewportNow());
      render();
    };
    const resized = (): void => {
      size.current = { width: element.clientWidth, height: element.clientHeight };
      render();
    };
    const observer = new ResizeObserver(resized);
    observer.observe(element);
    resized();
    element.addEventListener('scroll', scrolled, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', scrolled);
    };
  }, [space, headHeight]);

  const viewport = viewportNow();
  const first = Math.floor(space.offset / rowHeight);
  return {
    box,
    space,
    begin: Math.min(count, Math.max(0, first - OVERSCAN)),
    end: Math.min(count, Math.ceil((space.offset + viewport) / rowHeight) + OVERSCAN),
    fitting: Math.max(1, Math.floor(viewport / rowHeight)),
    width: size.current.width,
    reveal: (index, isInMiddle = false) => {
      const [top, viewport] = [index * rowHeight, viewportNow()];
      const isVisible = top >= space.offset && top + rowHeight <= space.offset + viewport;
      if (isInMiddle && !isVisible) move(top - (viewport - rowHeight) / 2);
      else if (top < space.offset) move(top);
      else if (top + rowHeight > space.offset + viewport) move(top + rowHeight - viewport);
    },
    toTop: () => move(0),
  };
}
