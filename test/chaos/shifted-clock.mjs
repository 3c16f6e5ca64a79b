// Preloaded into a process (NODE_OPTIONS=--import=…?file=…): its clock is off by the milliseconds that the file names,
// which is read again and again, so that a test sets the clock of a running process. `{"shift": ms, "from": at}`: from
// that moment of the real clock on, so that several processes jump together.
import { readFileSync } from 'node:fs';
import { setInterval } from 'node:timers';
import { URL } from 'node:url';

const file = new URL(import.meta.url).searchParams.get('file');
const RealDate = Date;
let current = 0;
let next = { shift: 0, from: 0 };
const settle = () => {
  const real = RealDate.now();
  if (real >= next.from) current = next.shift;
  return real;
};
const look = () => {
  // Nobody may have asked for the time since the last jump.
  settle();
  try {
    next = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // Not there yet, or being written.
  }
};
look();
setInterval(look, 50).unref();
const now = () => {
  const real = settle();
  return real + current;
};
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
  get: (target, property) => (property === 'now' ? now : Reflect.get(target, property)),
});
