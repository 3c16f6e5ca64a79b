// Preloaded into a process (NODE_OPTIONS=--import=…?folder=…): writes its CPU profile into that folder when it ends. What
// node's --cpu-prof does, which NODE_OPTIONS may not say.
import { mkdirSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { join } from 'node:path';
import process from 'node:process';
import { URL } from 'node:url';

const folder = new URL(import.meta.url).searchParams.get('folder');
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.start');
process.once('exit', () => {
  // In its own thread, so the answer is there before this returns.
  session.post('Profiler.stop', (error, answer) => {
    if (error) return;
    const [, service = 'other'] = /services.([a-z]+)/.exec(process.argv[1]) ?? [];
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `CPU.${service}.${process.pid}.cpuprofile`), JSON.stringify(answer.profile));
  });
});
