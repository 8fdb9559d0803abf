/** Browsers lay nothing out beyond some 17 million pixels. */
const MAX_HEIGHT = 8_000_000;

/**
 * Maps the scrolling of an element to a list that may be taller than an element can be. Small steps are exact, wherever
 * the list is; a jump, such as dragging the thumb, goes to the same part of the list.
 */
export class ScrollSpace {
  /** Where in the list the upper edge of the viewport is. */
  offset = 0;
  private top = 0;

  constructor(
    private total = 0,
    private readonly max = MAX_HEIGHT,
  ) {}

  /** Height of the element. */
  get height(): number {
    return Math.min(this.total, this.max);
  }

  /** Where in the element something is that has its place in the list at `position`. */
  placeOf(position: number): number {
    return position - this.offset + this.top;
  }

  /** Takes another height of the list, which is the same down to the viewport. */
  resize(total: number): void {
    this.total = total;
  }

  /** Takes a scroll position of the element. */
  scrolled(top: number, viewport: number): void {
    const delta = top - this.top;
    const [end, listEnd] = [Math.max(0, this.height - viewport), Math.max(0, this.total - viewport)];
    if (listEnd === end) this.offset = top;
    else if (top <= 0) this.offset = 0;
    else if (top >= end) this.offset = listEnd;
    else if (Math.abs(delta) > viewport) this.offset = (top / end) * listEnd;
    else this.offset = Math.min(listEnd, Math.max(0, this.offset + delta));
    this.top = top;
  }

  /** The scroll position that shows a place of the list at the upper edge. */
  moveTo(position: number, viewport: number): number {
    const [end, listEnd] = [Math.max(0, this.height - viewport), Math.max(0, this.total - viewport)];
    this.offset = Math.min(listEnd, Math.max(0, position));
    this.top = listEnd === end ? this.offset : listEnd === 0 ? 0 : Math.round((this.offset / listEnd) * end);
    return this.top;
  }
}
