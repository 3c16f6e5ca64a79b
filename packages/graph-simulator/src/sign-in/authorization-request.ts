import { z } from 'zod';
import type { Tenant } from '../tenant/tenant.js';
import type { World } from '../world.js';
import type { ClientApp } from './clients.js';
import { findClient, requireRedirectUri } from './clients.js';
import { FAULTS } from './entra-fault.js';
import { findTenantOrShared } from './find-tenant.js';
import { readScopes } from './scopes.js';

const first = z.union([z.string(), z.array(z.string()).transform((values) => values[0])]).optional();
const querySchema = z.object({
  client_id: first,
  redirect_uri: first,
  response_type: first,
  response_mode: first,
  scope: first,
  state: first,
  nonce: first,
  prompt: first,
  login_hint: first,
  domain_hint: first,
  code_challenge: first,
  code_challenge_method: first,
});
type Query = z.infer<typeof querySchema>;
export const readQuery = (query: unknown): Query => querySchema.parse(query);

const MODES = ['query', 'fragment', 'form_post'] as const;
const PROMPTS = ['', 'login', 'none', 'consent', 'select_account'] as const;
export type Prompt = (typeof PROMPTS)[number];

/** How the browser goes back to the app. */
export type Reply = {
  readonly redirectUri: string;
  readonly mode: (typeof MODES)[number];
  readonly state: string | undefined;
};

/** What is trusted first: an address that the app has registered. Before it is, faults go on a page, not to the app. */
export type Caller = {
  readonly tenant: Tenant | null;
  readonly client: ClientApp;
  readonly reply: Reply;
  readonly isSpa: boolean;
};

export const readCaller = (world: World, tenantName: string, query: Query): Caller => {
  const tenant = findTenantOrShared(world, tenantName);
  const client = findClient(world, tenant, query.client_id);
  const { redirectUri, isSpa } = requireRedirectUri(client, query.redirect_uri);
  const mode = MODES.find((one) => one === (query.response_mode ?? 'query'));
  if (mode === undefined) throw FAULTS.unsupported('response_mode', query.response_mode ?? '');
  return { tenant, client, reply: { redirectUri, mode, state: query.state }, isSpa };
};

export type AuthorizationRequest = {
  readonly scopes: readonly string[];
  readonly nonce: string | undefined;
  readonly challenge: string | undefined;
  readonly prompt: Prompt;
  readonly loginHint: string | undefined;
};

const CHALLENGE = /^[A-Za-z0-9_-]{43}$/;

/** S256 only: `plain` would show the verifier to whoever sees the address (RFC 9700, 2.1.1). */
const readChallenge = ({ code_challenge: challenge, code_challenge_method: method }: Query, isSpa: boolean) => {
  if (challenge === undefined) {
    if (method !== undefined) throw FAULTS.challengeMissing();
    if (isSpa) throw FAULTS.pkceRequired();
    return undefined;
  }
  if (method !== 'S256') throw FAULTS.challengeMethod(method ?? 'plain');
  if (!CHALLENGE.test(challenge)) throw FAULTS.challengeSize();
  return challenge;
};

export const readAuthorizationRequest = (
  query: Query,
  { tenant, client: { registration }, isSpa, host }: Caller & { readonly host: string },
): AuthorizationRequest => {
  const type = query.response_type;
  if (!type) throw FAULTS.missing('response_type');
  if (type !== 'code') throw FAULTS.responseType(type, registration.clientId);
  const prompt = PROMPTS.find((one) => one === (query.prompt ?? ''));
  if (prompt === undefined) throw FAULTS.unsupported('prompt', query.prompt ?? '');
  const tenantName = tenant?.name ?? 'organizations';
  return {
    scopes: readScopes(query.scope, { registration, tenantName, clientId: registration.clientId, host }),
    nonce: query.nonce,
    challenge: readChallenge(query, isSpa),
    prompt,
    loginHint: query.login_hint,
  };
};
