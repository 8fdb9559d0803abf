/** Who wants to know how far a check is, and may end it. */
export interface Watch {
  signal: AbortSignal;
  onProgress: (bytes: number) => void;
}

/** Bytes that are read at a time: what is done with them must not take longer than an eye notices. */
const CHUNK = 128 * 1024;

/**
 * The bytes of a file. Between its parts the page gets its turn: it is drawn, and hears what is clicked.
 * @throws the reason of `signal`; DOMException for a file that cannot be read.
 */
export async function* chunksOf(file: File, { signal, onProgress }: Watch): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < file.size; at += CHUNK) {
    const part = await file.slice(at, at + CHUNK).arrayBuffer();
    await turn();
    signal.throwIfAborted();
    yield new Uint8Array(part);
    onProgress(Math.min(at + CHUNK, file.size));
  }
}

const { port1, port2 } = new MessageChannel();
port1.start();

/** Lets all that waits for its turn have it. Timers would be slowed down in a page in the background. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    port1.addEventListener('message', () => resolve(), { once: true });
    port2.postMessage(null);
  });
}
