import { Refusal } from './problems';

/**
 * Bytes that a line may have. The longest is a CSV row with three values of 512 KiB, the most that a ledger can be
 * told to keep: in `entry` each byte may become six (`;`), in its readable cell two (quotes, apostrophes), 12 MiB in
 * all. The other members hold texts of at most 1,024 characters.
 */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

/** Bytes that are decoded at once, so that a chunk of any size takes no more memory than a small one. */
const WINDOW = 64 * 1024;

const LF = 0x0a;

/** In no UTF-8 text. */
const INVALID = Uint8Array.of(0xff);

const NOT_UTF8 =
  'is not UTF-8: it was damaged, or a program saved the file again in another encoding. Check the file as you got it';

const LONE_SURROGATES = /\p{Cs}+/u;

const utf8 = new TextEncoder();

/**
 * Cuts a stream of UTF-8 into lines, wherever its chunks begin and end. It holds one line at most, and none longer
 * than `MAX_LINE_BYTES`. What it makes of a file does not depend on how the file is cut into chunks.
 */
export class LineSplitter {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  private carry = new Uint8Array(1024);
  private carried = 0;
  /** The first half of a surrogate pair, at the end of a chunk of text. */
  private half = '';
  private lines = 0;

  /** @param take is given each line without its line break. */
  constructor(private readonly take: (line: string) => void) {}

  /** Whether bytes stand behind the last line break. */
  get isTorn(): boolean {
    return this.carried > 0 || this.half !== '';
  }

  /** @throws Refusal for what is not UTF-8, and for lines that are too long. */
  push(chunk: Uint8Array | string): void {
    if (typeof chunk === 'string') {
      this.pushText(chunk);
      return;
    }
    this.flushHalf();
    this.pushBytes(chunk);
  }

  private pushText(chunk: string): void {
    const text = this.half + chunk;
    const last = text.charCodeAt(text.length - 1);
    this.half = last >= 0xd800 && last <= 0xdbff ? text.slice(-1) : '';
    const whole = this.half === '' ? text : text.slice(0, -1);
    for (let at = 0; at < whole.length;) {
      let end = Math.min(at + WINDOW, whole.length);
      // Not between the halves of a pair.
      const unit = whole.charCodeAt(end - 1);
      if (end < whole.length && unit >= 0xd800 && unit <= 0xdbff) end++;
      this.pushWellFormed(whole.slice(at, end));
      at = end;
    }
  }

  private flushHalf(): void {
    const isLone = this.half !== '';
    this.half = '';
    if (isLone) this.pushBytes(INVALID);
  }

  /** A lone surrogate has no UTF-8: it is refused where it stands, like any byte that is none. */
  private pushWellFormed(text: string): void {
    if (text.isWellFormed()) {
      this.pushBytes(utf8.encode(text));
      return;
    }
    text.split(LONE_SURROGATES).forEach((part, i) => {
      if (i > 0) this.pushBytes(INVALID);
      this.pushBytes(utf8.encode(part));
    });
  }

  private pushBytes(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += WINDOW) this.window(bytes.subarray(at, at + WINDOW));
  }

  private window(bytes: Uint8Array): void {
    const first = bytes.indexOf(LF);
    const length = this.carried + (first < 0 ? bytes.length : first);
    if (length > MAX_LINE_BYTES) {
      const mebibytes = MAX_LINE_BYTES / 1024 / 1024;
      throw this.refusal(`is longer than ${mebibytes} MiB, which no line of evidence is`);
    }
    if (first < 0) {
      this.keep(bytes);
      return;
    }
    const end = bytes.lastIndexOf(LF) + 1;
    this.keep(bytes.subarray(0, end));
    const whole = this.carry.subarray(0, this.carried);
    this.carried = 0;
    this.decode(whole);
    this.keep(bytes.subarray(end));
  }

  private keep(bytes: Uint8Array): void {
    const size = this.carried + bytes.length;
    if (size > this.carry.length) {
      const larger = new Uint8Array(2 ** Math.ceil(Math.log2(size)));
      larger.set(this.carry.subarray(0, this.carried));
      this.carry = larger;
    }
    this.carry.set(bytes, this.carried);
    this.carried = size;
  }

  /** Whole lines at once: a call for each would take as long as hashing it. */
  private decode(bytes: Uint8Array): void {
    const text = this.tryDecode(bytes);
    if (text === null) {
      this.decodeEach(bytes);
      return;
    }
    for (let at = 0; at < text.length;) {
      const end = text.indexOf('\n', at);
      this.give(text.slice(at, end));
      at = end + 1;
    }
  }

  /** Some line is not UTF-8; those before it count. */
  private decodeEach(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(LF, at);
      const line = this.tryDecode(bytes.subarray(at, end));
      if (line === null) throw this.refusal(NOT_UTF8);
      this.give(line);
      at = end + 1;
    }
  }

  private tryDecode(bytes: Uint8Array): string | null {
    try {
      return this.decoder.decode(bytes);
    } catch {
      return null; // it says no more than that the bytes are not UTF-8
    }
  }

  private give(line: string): void {
    this.lines++;
    this.take(line);
  }

  private refusal(what: string): Refusal {
    return new Refusal('unreadable', null, `Line ${this.lines + 1} of the file ${what}.`);
  }
}
