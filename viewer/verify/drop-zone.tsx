import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useLocale } from './locale';

/** Takes files: chosen, or dropped anywhere on the page. */
export function DropZone({ onFiles }: { onFiles: (files: Iterable<File>) => void }): JSX.Element {
  const { heading, choose, or, formats } = useLocale().texts.drop;
  const isOver = useDroppedFiles(onFiles);
  const take = (input: HTMLInputElement): void => {
    onFiles(input.files ?? []);
    input.value = ''; // the same file may be chosen once more
  };
  return (
    <section class="card" aria-labelledby="files">
      <h2 id="files">{heading}</h2>
      <label class={isOver ? 'drop is-over' : 'drop'}>
        <span class="button primary">{choose}</span>
        <span>{or}</span>
        <span class="hint">{formats}</span>
        <input id="evidence" type="file" multiple onChange={(event) => take(event.currentTarget)} />
      </label>
    </section>
  );
}

/** Hears what is dropped anywhere: a browser would leave the page for a file that misses the zone. */
function useDroppedFiles(onFiles: (files: Iterable<File>) => void): boolean {
  const [isOver, setOver] = useState(false);
  const take = useRef(onFiles);
  take.current = onFiles;
  // Before the zone is painted: an effect comes after that, and by then something may have been dropped.
  useLayoutEffect(() => {
    const over = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent): void => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      take.current(event.dataTransfer?.files ?? []);
    };
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', leave);
    document.addEventListener('drop', drop);
    return () => {
      document.removeEventListener('dragover', over);
      document.removeEventListener('dragleave', leave);
      document.removeEventListener('drop', drop);
    };
  }, []);
  return isOver;
}

/** Text may be dropped too, into a field. */
function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes('Files') ?? false;
}
