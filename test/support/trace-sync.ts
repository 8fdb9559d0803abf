import fs from 'node:fs';

// Preloaded into a process: tells the one that started it of each write to a file, and of the begin and end of each sync.
const { writeSync, fsync } = fs;
const tell = (trace: string) => process.send?.({ trace });

fs.writeSync = ((fd: number, bytes: Buffer, ...rest: [number]) => {
  if (fd > 2) tell('write');
  return writeSync(fd, bytes, ...rest);
}) as typeof fs.writeSync;

fs.fsync = ((fd: number, done: fs.NoParamCallback) => {
  tell('sync');
  fsync(fd, (error) => {
    tell('synced');
    done(error);
  });
}) as typeof fs.fsync;
