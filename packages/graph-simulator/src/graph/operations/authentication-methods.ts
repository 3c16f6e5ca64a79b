import { accessDenied, badRequest, resourceNotFound } from '../fault.js';
import type { Operation } from '../operation.js';
import { READ_METHODS, READ_REPORTS } from '../permissions.js';
import type { GraphAnswer, GraphRequest } from '../request.js';
import { findUser, ok, param } from '../request.js';
import type { Shape } from '../shape-user.js';
import { reportRows, requireReportLicence } from './reports.js';

const TYPES: Readonly<Record<string, string>> = {
  mobilePhone: 'phoneAuthenticationMethod',
  alternateMobilePhone: 'phoneAuthenticationMethod',
  officePhone: 'phoneAuthenticationMethod',
  email: 'emailAuthenticationMethod',
  fido2: 'fido2AuthenticationMethod',
  microsoftAuthenticatorPush: 'microsoftAuthenticatorAuthenticationMethod',
  softwareOneTimePasscode: 'softwareOathAuthenticationMethod',
  windowsHelloForBusiness: 'windowsHelloForBusinessAuthenticationMethod',
  temporaryAccessPass: 'temporaryAccessPassAuthenticationMethod',
};

/** The password is always one of them. One call per person: for spot checks (contract 6.2). */
const listMethods = (request: GraphRequest): GraphAnswer => {
  const user = findUser(request, param(request, 'id'));
  if (user === undefined) throw resourceNotFound(param(request, 'id'));
  const types = ['passwordAuthenticationMethod', ...user.mfa.methods.map((method) => TYPES[method] ?? method)];
  return ok({
    '@odata.context': `${request.base}/$metadata#users('${user.id}')/authentication/methods`,
    value: types.map((type, index) => ({
      '@odata.type': `#microsoft.graph.${type}`,
      id: `${user.id.slice(0, -2)}${index.toString(16).padStart(2, '0')}`,
    })),
  });
};

const FEATURES = ['ssprRegistered', 'ssprEnabled', 'ssprCapable', 'passwordlessCapable', 'mfaCapable'];
const propertyOf = (feature: string) => `is${feature.charAt(0).toUpperCase()}${feature.slice(1)}`;

type Summary = { readonly type: string; readonly name: string; readonly counts: (rows: readonly Shape[]) => object[] };

/** Aggregates of the report, by the function that asks for them. */
const SUMMARIES: Readonly<Record<string, Summary>> = {
  usersRegisteredByMethod: {
    type: 'userRegistrationMethodSummary',
    name: 'userRegistrationMethodCounts',
    counts: (rows) => {
      const methods = rows.flatMap((row) => row['methodsRegistered'] as string[]);
      return [...new Set(methods)].map((authenticationMethod) => ({
        authenticationMethod,
        userCount: methods.filter((method) => method === authenticationMethod).length,
      }));
    },
  },
  usersRegisteredByFeature: {
    type: 'userRegistrationFeatureSummary',
    name: 'userRegistrationFeatureCounts',
    counts: (rows) =>
      FEATURES.map((feature) => ({
        feature,
        userCount: rows.filter((row) => row[propertyOf(feature)] === true).length,
      })),
  },
};

/** Only in the name of a person (contract 6.2). */
const summarise = (request: GraphRequest): GraphAnswer => {
  const name = param(request, 'function').replace(/\(.*$/, '');
  const summary = Object.hasOwn(SUMMARIES, name) ? SUMMARIES[name] : undefined;
  if (summary === undefined) throw badRequest(`Resource not found for the segment '${name}'.`, 'BadRequest');
  if (request.caller.userId === null) throw accessDenied();
  requireReportLicence(request);
  const rows = reportRows(request);
  return ok({
    '@odata.context': `${request.base}/$metadata#microsoft.graph.${summary.type}`,
    totalUserCount: rows.length,
    [summary.name]: summary.counts(rows),
  });
};

export const METHOD_OPERATIONS: readonly Operation[] = [
  {
    method: 'GET',
    path: '/users/{id}/authentication/methods',
    permissions: READ_METHODS,
    scope: 'identity',
    units: 1,
    handle: listMethods,
  },
  {
    method: 'GET',
    path: '/reports/authenticationMethods/{function}',
    permissions: READ_REPORTS,
    scope: 'reports',
    handle: summarise,
  },
];
