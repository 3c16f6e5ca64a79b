import { EntraFault } from './fault.js';

const request = (number: number, message: string) => new EntraFault(400, 'invalid_request', number, message);
const client = (number: number, message: string) => new EntraFault(401, 'invalid_client', number, message);

/** What an app or its registration got wrong. */
export const CLIENT_FAULTS = {
  malformed: (what: string) => request(9002313, `Invalid request. Request is malformed or invalid: ${what}`),
  onlyPost: (method: string) =>
    request(900561, `The endpoint only accepts POST, OPTIONS requests. Received a ${method} request.`),
  noTenant: () =>
    request(
      50059,
      'No tenant-identifying information found in either the request or implied by any provided credentials.',
    ),
  noPrincipal: (clientId: string, tenant: string) =>
    new EntraFault(
      400,
      'unauthorized_client',
      7000229,
      `The client application '${clientId}' is missing service principal in the tenant '${tenant}'.`,
    ),
  notMultiTenant: (clientId: string) =>
    request(
      50194,
      `Application '${clientId}' is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps. Use a tenant-specific endpoint or configure the application to be multi-tenant.`,
    ),
  noReplyAddress: () => request(500113, 'No reply address is registered for the application.'),
  replyAddress: (uri: string, clientId: string) =>
    request(
      50011,
      `The redirect URI '${uri}' specified in the request does not match the redirect URIs configured for the application '${clientId}'. Make sure the redirect URI sent in the request matches one added to the application.`,
    ),
  otherReplyAddress: (uri: string) =>
    new EntraFault(
      400,
      'invalid_client',
      500112,
      `The reply address '${uri}' does not match the reply address provided when requesting the authorization code.`,
    ),
  unsupported: (parameter: string, value: string) => request(90023, `Unsupported '${parameter}' value '${value}'.`),
  responseType: (value: string, clientId: string) =>
    new EntraFault(
      400,
      'unsupported_response_type',
      700054,
      `response_type '${value}' is not enabled for the application '${clientId}'.`,
    ),
  challengeMethod: (method: string) =>
    request(
      9002313,
      `Invalid request. Request is malformed or invalid: code_challenge_method '${method}' is not supported; use S256.`,
    ),
  challengeSize: () => request(501491, 'Invalid size of Code_Challenge parameter.'),
  challengeMissing: () => request(50147, 'A code_challenge_method without a code_challenge is not valid.'),
  pkceRequired: () =>
    request(9002325, 'Proof Key for Code Exchange is required for cross-origin authorization code redemption.'),
  crossOriginOnly: () =>
    request(
      9002327,
      "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
    ),
  unknownScope: (scope: string, clientId: string) =>
    new EntraFault(
      400,
      'invalid_client',
      650053,
      `The application '${clientId}' asked for scope '${scope}' that doesn't exist on the resource '00000003-0000-0000-c000-000000000000'.`,
    ),
  mixedScopes: (scope: string) =>
    new EntraFault(
      400,
      'invalid_scope',
      70011,
      `The provided value for the input parameter 'scope' is not valid. The scope '${scope}' can't be combined with resource-specific scopes.`,
    ),
  nothingRegistered: (clientId: string) =>
    new EntraFault(
      400,
      'invalid_client',
      650056,
      `Misconfigured application. The client '${clientId}' has not listed any permissions for 'Microsoft Graph' in its registration.`,
    ),
  unlistedResource: (resource: string, clientId: string) =>
    new EntraFault(
      400,
      'invalid_resource',
      650057,
      `Invalid resource. The client '${clientId}' has requested access to a resource which is not listed in the requested permissions in its application registration. Resource value from request: ${resource}.`,
    ),
  assertionType: (type: string) =>
    request(9002313, `Invalid request. Request is malformed or invalid: client_assertion_type '${type}'.`),
  assertionMalformed: (reason: string) => client(50027, `JWT token is invalid or malformed: ${reason}`),
  assertionSignature: (reason: string) =>
    client(
      700027,
      `The certificate with identifier used to sign the client assertion is not valid. [Reason - ${reason}]`,
    ),
  assertionTime: () =>
    client(700024, 'Client assertion is not within its valid time range. Review the exp and nbf claims.'),
  assertionAudience: (audience: string) =>
    client(700023, `Client assertion audience claim does not match Realm issuer: '${audience}'.`),
  assertionReplayed: () => client(50027, 'JWT token is invalid or malformed: the jti has been used before.'),
  assertionSubject: (clientId: string) =>
    client(700021, `Client assertion application identifier doesn't match 'client_id' parameter '${clientId}'.`),
  transient: (number: 90033 | 90024 | 90090) =>
    new EntraFault(
      503,
      'temporarily_unavailable',
      number,
      {
        90033: 'A transient error has occurred. Please try again.',
        90024: 'Request budget exceeded: a transient error has occurred. Try again.',
        90090: 'Graph returned a retryable error. Try again.',
      }[number],
    ),
} as const;
