const FORM = /^(asc|desc):([1-9]\d{0,15})$/;

/** Where the next page of a list begins: behind `seq`, in that order. Opaque to callers. */
export function formatCursor(seq: number, order: 'asc' | 'desc'): string {
  return Buffer.from(`${order}:${seq}`).toString('base64url');
}

/** The `seq` of a cursor of that order; null when it is none. */
export function parseCursor(cursor: string, order: 'asc' | 'desc'): number | null {
  const match = FORM.exec(Buffer.from(cursor, 'base64url').toString());
  const seq = Number(match?.[2]);
  return match?.[1] === order && Number.isSafeInteger(seq) ? seq : null;
}
