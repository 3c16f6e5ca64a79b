export { createSteppedClock, systemClock } from './clock.js';
export type { Clock, SteppedClock } from './clock.js';
export { createLocalTls } from './local-tls.js';
export type { LocalTls } from './local-tls.js';
export { createSimulator } from './simulator.js';
export type { Simulator, SimulatorOptions } from './simulator.js';
export type { Control } from './control/control.js';
export type { FaultPlan } from './faults.js';
export type { LedgerEntry } from './delivery/ledger.js';
