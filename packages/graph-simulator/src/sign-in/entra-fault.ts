import { CLIENT_FAULTS } from './client-faults.js';
import { EntraFault } from './fault.js';
import { USER_FAULTS } from './user-faults.js';

export { EntraFault } from './fault.js';

export const FAULTS = {
  missing: (name: string) =>
    new EntraFault(400, 'invalid_request', 900144, `The request body must contain the following parameter: '${name}'.`),
  grantType: (name: string) =>
    new EntraFault(400, 'unsupported_grant_type', 70003, `The app requested an unsupported grant type '${name}'.`),
  malformedTenant: (tenant: string) =>
    new EntraFault(
      400,
      'invalid_request',
      900023,
      `Specified tenant identifier '${tenant}' is neither a valid DNS name, nor a valid external domain.`,
    ),
  unknownTenant: (tenant: string, error: 'invalid_request' | 'invalid_tenant') =>
    new EntraFault(
      400,
      error,
      90002,
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`,
    ),
  unknownApp: (clientId: string, tenant: string) =>
    new EntraFault(
      400,
      'unauthorized_client',
      700016,
      `Application with identifier '${clientId}' was not found in the directory '${tenant}'. This can happen if the application has not been installed by the administrator of the tenant.`,
    ),
  disabledApp: (clientId: string) =>
    new EntraFault(400, 'unauthorized_client', 7000112, `Application '${clientId}' is disabled.`),
  noCredential: () =>
    new EntraFault(
      401,
      'invalid_client',
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    ),
  wrongSecret: (clientId: string) =>
    new EntraFault(
      401,
      'invalid_client',
      7000215,
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`,
    ),
  expiredSecret: (clientId: string) =>
    new EntraFault(
      401,
      'invalid_client',
      7000222,
      `The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to create new keys for your app.`,
    ),
  scope: (scope: string) =>
    new EntraFault(
      400,
      'invalid_scope',
      1002012,
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
    ),
  unknownResource: (resource: string, tenant: string) =>
    new EntraFault(
      400,
      'invalid_resource',
      500011,
      `The resource principal named ${resource} was not found in the tenant named ${tenant}.`,
    ),
  ...CLIENT_FAULTS,
  ...USER_FAULTS,
} as const;

export const toEntraBody = (
  fault: EntraFault,
  { at, ids }: { at: number; ids: { trace: string; correlation: string } },
) => {
  const timestamp = new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
  return {
    error: fault.error,
    error_description: `${fault.message} Trace ID: ${ids.trace} Correlation ID: ${ids.correlation} Timestamp: ${timestamp}`,
    error_codes: [fault.number],
    timestamp,
    trace_id: ids.trace,
    correlation_id: ids.correlation,
    ...(fault.suberror !== undefined && { suberror: fault.suberror }),
    error_uri: `https://login.microsoftonline.com/error?code=${fault.number}`,
  };
};
