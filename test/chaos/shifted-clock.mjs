// Preloaded into a service (NODE_OPTIONS=--import=…?file=…): its clock is off by the milliseconds that the file names,
// which is read again and again, so that a test sets the clock of a running process.
import { readFileSync } from 'node:fs';
import { setInterval } from 'node:timers';
import { URL } from 'node:url';

const file = new URL(import.meta.url).searchParams.get('file');
const RealDate = Date;
let shift = 0;
setInterval(() => {
  try {
    shift = Number(readFileSync(file, 'utf8'));
  } catch {
    shift = 0;
  }
}, 50).unref();
const now = () => RealDate.now() + shift;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
  get: (target, property) => (property === 'now' ? now : Reflect.get(target, property)),
});
