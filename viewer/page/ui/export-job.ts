import type { Api, ExportChoice } from '../data/api';
import { downloaded, fileNameOf, type Progress } from '../data/download';
import { Emitter } from '../data/emitter';
import { asFailure, type Failure } from '../data/failure';
import type { Filter } from '../data/filter';

/** How long a browser may take to begin saving a Blob. */
const SAVING = 60_000;

/** One export, from its choice to the saved file. */
export class ExportJob extends Emitter {
  state: 'choosing' | 'running' | 'done' | 'failed' = 'choosing';
  progress: Progress = { bytes: 0, records: 0 };
  failure: Failure | null = null;
  private aborter = new AbortController();

  constructor(private readonly api: Api) {
    super();
  }

  async run(filter: Filter, choice: ExportChoice): Promise<void> {
    const { signal } = (this.aborter = new AbortController());
    this.become('running');
    this.progress = { bytes: 0, records: 0 };
    try {
      const response = await this.api.export(filter, choice, signal);
      const file = await downloaded(response, choice.format, (progress) => {
        this.progress = progress;
        this.changed();
      });
      if (signal.aborted) return;
      save(file, fileNameOf(response, `audit-trail.${choice.format}`));
      this.become('done');
    } catch (error) {
      if (signal.aborted) return;
      this.failure = asFailure(error);
      // What breaks off while it is read is told as that, whatever fetch says.
      this.become('failed');
    }
  }

  cancel(): void {
    this.aborter.abort();
    this.become('choosing');
  }

  private become(state: ExportJob['state']): void {
    this.state = state;
    this.changed();
  }
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), SAVING);
}
