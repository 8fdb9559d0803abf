/** Dates and numbers as the viewer writes them, in the viewer's zone. */
export class Format {
  /** The name of the zone, such as CET. */
  readonly zone: string;
  private readonly full: Intl.DateTimeFormat;
  private readonly long: Intl.DateTimeFormat;
  private readonly minute: Intl.DateTimeFormat;
  private readonly day: Intl.DateTimeFormat;
  private readonly numbers: Intl.NumberFormat;
  private readonly decimals: Intl.NumberFormat;

  constructor(locale: string) {
    const date = { year: 'numeric', month: 'short', day: '2-digit' } as const;
    const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    this.full = new Intl.DateTimeFormat(locale, { ...date, ...time, second: '2-digit' });
    this.long = new Intl.DateTimeFormat(locale, {
      ...date,
      ...time,
      weekday: 'short',
      second: '2-digit',
      fractionalSecondDigits: 3,
      timeZoneName: 'short',
    });
    this.minute = new Intl.DateTimeFormat(locale, { ...date, ...time });
    this.day = new Intl.DateTimeFormat(locale, date);
    this.numbers = new Intl.NumberFormat(locale);
    this.decimals = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.zone = this.long.formatToParts().find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
  }

  /** Date and time to the second. */
  time(instant: string | number): string {
    return formatted(this.full, instant);
  }

  /** All of it, with the zone. */
  exact(instant: string | number): string {
    return formatted(this.long, instant);
  }

  /** As exact as a span of so many milliseconds needs it. */
  edge(instant: number, step: number): string {
    return formatted(step < 60_000 ? this.full : step < 86_400_000 ? this.minute : this.day, instant);
  }

  number(value: number): string {
    return this.numbers.format(value);
  }

  megabytes(bytes: number): string {
    return this.decimals.format(bytes / 1e6);
  }
}

function formatted(format: Intl.DateTimeFormat, instant: string | number): string {
  const time = typeof instant === 'number' ? instant : Date.parse(instant);
  return Number.isFinite(time) ? format.format(time) : String(instant);
}
