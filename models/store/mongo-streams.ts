import type { ChainPlace, CursorMove, SetAside, StreamRow } from '../../lib/store/stream-store';
import type { streamsOf } from './streams';
import {
  addSetAside,
  addStream,
  changeStream,
  countSetAside,
  findStream,
  moveStreamCursors,
  readSetAside,
  readStreamCursors,
  readStreams,
  readStreamsVersion,
  removeSetAside,
  removeStream,
  reportStream,
} from './streams';
import { withTimeLimit } from './time-limit';

/** What a store in MongoDB keeps of streams to other systems. */
export abstract class MongoStreams {
  async streamsVersion(): Promise<string> {
    return readStreamsVersion(await this.streamRows());
  }

  async streams(): Promise<StreamRow[]> {
    return readStreams(await this.streamRows());
  }

  async findStream(name: string): Promise<StreamRow | null> {
    return findStream(await this.streamRows(), name);
  }

  async addStream(row: StreamRow): Promise<boolean> {
    return withTimeLimit(addStream(await this.streamRows(), row));
  }

  async changeStream(name: string, change: Partial<StreamRow>): Promise<void> {
    await withTimeLimit(changeStream(await this.streamRows(), name, change));
  }

  async reportStream(name: string, progress: string): Promise<void> {
    await withTimeLimit(reportStream(await this.streamRows(), name, progress));
  }

  async removeStream(name: string): Promise<void> {
    await withTimeLimit(removeStream(await this.streamRows(), name));
  }

  async cursors(stream: string): Promise<ChainPlace[]> {
    return readStreamCursors(await this.streamRows(), stream);
  }

  async moveCursors(stream: string, moves: readonly CursorMove[]): Promise<boolean> {
    return withTimeLimit(moveStreamCursors(await this.streamRows(), stream, moves));
  }

  async addSetAside(stream: string, entries: readonly SetAside[]): Promise<void> {
    await withTimeLimit(addSetAside(await this.streamRows(), stream, entries));
  }

  async readSetAside(stream: string, limit: number, behind?: ChainPlace): Promise<SetAside[]> {
    return readSetAside(await this.streamRows(), stream, limit, behind);
  }

  async countSetAside(stream: string): Promise<number> {
    return withTimeLimit(countSetAside(await this.streamRows(), stream));
  }

  async removeSetAside(stream: string, places: readonly ChainPlace[]): Promise<void> {
    await withTimeLimit(removeSetAside(await this.streamRows(), stream, places));
  }

  protected abstract streamRows(): Promise<ReturnType<typeof streamsOf>>;
}
