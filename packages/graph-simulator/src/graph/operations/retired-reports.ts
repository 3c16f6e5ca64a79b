import { GraphFault, badRequest } from '../fault.js';
import type { Operation } from '../operation.js';
import { READ_OLD_REPORTS } from '../permissions.js';
import type { GraphRequest } from '../request.js';
import { param } from '../request.js';

const RETIRED: ReadonlySet<string> = new Set([
  'credentialUserRegistrationDetails',
  'userCredentialUsageDetails',
  'getCredentialUsageSummary',
  'getCredentialUserRegistrationCount',
]);

const refuse = (request: GraphRequest): never => {
  const name = param(request, 'report').replace(/\(.*$/, '');
  if (!RETIRED.has(name)) throw badRequest(`Resource not found for the segment '${name}'.`, 'BadRequest');
  throw new GraphFault(
    410,
    'Gone',
    `${name} is deprecated and no longer returns data; use reports/authenticationMethods/userRegistrationDetails.`,
  );
};

/** All that is here of `/beta`: the reports that stopped returning data on 2024-06-30 (contract 6.2). */
export const RETIRED_REPORT_OPERATIONS: readonly Operation[] = [
  { method: 'GET', path: '/reports/{report}', permissions: READ_OLD_REPORTS, scope: 'reports', handle: refuse },
];
