#!/usr/bin/env node
import { EXIT } from './exit-code';
import { describeReason } from './failure';
import { watchSignals } from './interrupt';
import { endWithReader, note } from './out';
import { run } from './run';

// Until a command says otherwise: neither a crash nor an end before its time may look like a verdict.
process.exitCode = EXIT.unchecked;
process.on('uncaughtException', (error) => {
  note(`audit-ledger: ${describeReason(error)}`);
  process.exit(EXIT.unchecked);
});
endWithReader();
watchSignals();
void run(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
