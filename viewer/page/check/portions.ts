/** How long work may keep a frame waiting, in milliseconds. */
const PORTION = 12;

/** Does jobs one after the other, in portions between which others get their turn. */
export class Portions<Job> {
  private jobs: Job[] = [];
  private isRunning = false;

  /**
   * @param pause resolves when others had their turn
   * @param done called behind each portion
   */
  constructor(
    private readonly work: (job: Job) => void,
    private readonly done: () => void,
    private readonly pause: () => Promise<void>,
    private readonly now: () => number = () => performance.now(),
  ) {}

  add(jobs: readonly Job[]): void {
    this.jobs.push(...jobs);
    if (!this.isRunning) void this.run();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    await this.pause();
    let next = 0;
    while (next < this.jobs.length) {
      const end = this.now() + PORTION;
      while (next < this.jobs.length && this.now() < end) this.work(this.jobs[next++] as Job);
      this.done();
      await this.pause();
    }
    this.jobs = [];
    this.isRunning = false;
  }
}
