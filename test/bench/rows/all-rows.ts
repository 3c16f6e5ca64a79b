import type { Part } from '../options.js';
import type { Row } from '../row.js';
import { rowsOfFreshness } from './freshness.js';
import { rowsOfProjector } from './projector.js';
import { rowsOfReceiver } from './receiver.js';
import { rowsOfReconciler } from './reconciler.js';
import { rowsOfScale } from './scale.js';
import { rowsOfSystem } from './system.js';

/** In the order in which they run. */
export const ROWS: Readonly<Record<Part, readonly Row[]>> = {
  receiver: rowsOfReceiver,
  projector: rowsOfProjector,
  reconciler: rowsOfReconciler,
  system: rowsOfSystem,
  scale: rowsOfScale,
  freshness: rowsOfFreshness,
};
