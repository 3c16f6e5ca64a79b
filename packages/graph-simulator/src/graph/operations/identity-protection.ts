import type { Operation } from '../operation.js';
import { READ_RISKY_USERS } from '../permissions.js';
import { ok } from '../request.js';

/** Nobody is at risk here. It stands for Identity Protection, whose throttle is unlike all others (contract 7). */
export const IDENTITY_PROTECTION_OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: '/identityProtection/riskyUsers',
    permissions: READ_RISKY_USERS,
    scope: 'identityProtection',
    handle: ({ base }) => ok({ '@odata.context': `${base}/$metadata#riskyUsers`, value: [] }),
  },
];
