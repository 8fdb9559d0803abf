import { type ChildProcess, fork, type ForkOptions } from 'node:child_process';
import { once } from 'node:events';
import type { Receipt } from '../../index';
import type { LoadReport } from './spool-process';

/** A process that records events, and what it has said. */
export class Load {
  /** Ids of the events that were accepted, or recorded, as the task says. */
  readonly ids: string[] = [];
  readonly receipts: Receipt[] = [];
  readonly errors: { code: string; message: string }[] = [];
  readonly trace: string[] = [];
  readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;
  private isDone = false;
  private changed = (): void => undefined;

  constructor(program: string, task: object, options: ForkOptions = {}) {
    this.child = fork(program, [JSON.stringify(task)], { execArgv: [], ...options });
    this.exited = once(this.child, 'exit');
    this.child.on('message', (report: LoadReport) => this.note(report));
    this.child.on('exit', () => this.changed());
  }

  /** Resolves once the process has said that many ids. */
  async reported(count: number): Promise<void> {
    await this.until(() => this.ids.length >= count);
  }

  /** Resolves once the process has done what it was told. It goes on living. */
  async done(): Promise<void> {
    await this.until(() => this.isDone);
  }

  /** Ends the process as a power cut would. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  private note(report: LoadReport): void {
    if (report === 'done') this.isDone = true;
    else if ('trace' in report) this.trace.push(report.trace);
    else if ('receipt' in report) this.receipts.push(report.receipt);
    else if ('id' in report) this.ids.push(report.id);
    else this.errors.push(report.error);
    this.changed();
  }

  /** Resolves once what it has said fulfils a condition. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.child.exitCode !== null) throw new Error(`the process ended with ${this.child.exitCode}`);
      await new Promise<void>((resolve) => (this.changed = resolve));
    }
  }
}
