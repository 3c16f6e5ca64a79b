import type { Row } from '../row.js';
import { LIMIT_MINUTES, loadMillion } from './million.js';
import { bearNeighbours } from './neighbours.js';

export const rowsOfScale: readonly Row[] = [
  {
    id: 'S1',
    what: 'one tenant of 1,000,000 in the five services: first load, MFA report, 100,000 notifications; peak memory beside a tenth',
    goal: 'largest / tenth ≤ 1.10 for reconciler (ids apart) and projector, under --max-old-space-size=192',
    limitMinutes: LIMIT_MINUTES,
    onlyByName: true,
    run: loadMillion,
  },
  {
    id: 'S2',
    what: '300 integrations of 200 people in the five services; one floods; the others beside a quiet time. Besides: one whose Graph takes 1 s',
    goal: "others' p99 ≤ 1.5 × quiet",
    limitMinutes: 45,
    onlyByName: true,
    run: bearNeighbours,
  },
];
