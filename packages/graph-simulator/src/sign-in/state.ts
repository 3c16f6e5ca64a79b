import type { Flow } from './flow.js';
import type { DirectoryRole } from './directory-roles.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Lives on the sign-in side, in ms (contract 8.2, 8.4). */
export type SignInLifetimes = {
  readonly idToken: number;
  readonly code: number;
  readonly refreshToken: number;
  /** Of single-page apps: fixed, not renewed by use. */
  readonly spaRefreshToken: number;
  /** How long a refresh token still works after it was replaced; Entra itself never ends it early. */
  readonly replacedRefreshToken: number;
  /** How long a browser stays signed in, and how long one page may be thought about. */
  readonly session: number;
  readonly flow: number;
  /** How long a replaced signing key stays published. */
  readonly retiredKey: number;
};

export const SIGN_IN_LIFETIMES: SignInLifetimes = {
  idToken: HOUR,
  code: 10 * MINUTE,
  refreshToken: 90 * DAY,
  spaRefreshToken: DAY,
  replacedRefreshToken: 90 * DAY,
  session: DAY,
  flow: 30 * MINUTE,
  retiredKey: DAY,
};

/** Who signed in, to which app, with which permissions: what a code or a refresh token stands for. */
export type Grant = {
  readonly tenantId: string;
  readonly userId: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly isSpa: boolean;
  /** When the person chose their account; refreshing does not move it. */
  readonly signedInAt: number;
};

export type Code = Grant & {
  readonly nonce: string | undefined;
  readonly challenge: string | undefined;
  readonly expiresAt: number;
  redeemed: boolean;
};

export type RefreshToken = Grant & {
  readonly family: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  replacedAt: number | null;
  /** Taken back by itself, or with its family. */
  revoked?: true;
};

export type Account = { readonly tenantId: string; readonly userId: string; readonly signedInAt: number };
export type Session = { readonly id: string; accounts: readonly Account[]; readonly expiresAt: number };

/** What sign-in knows of a person beyond the directory's fields. */
export type Person = {
  roles: readonly DirectoryRole[];
  /** Grants from before are void: all of them, or those of public clients only. */
  revokedAt: number | null;
  publicRevokedAt: number | null;
  /** Conditional access lets this person in nowhere. */
  blocked: boolean;
};

export type TenantPolicy = {
  /** Whether people may consent for themselves to what needs no administrator. */
  userConsent: 'allowed' | 'blocked';
  /** Conditional access asks for a new sign-in after this long. */
  signInFrequency: number | null;
  /** How long access tokens live by policy; null: as Entra draws it. */
  accessTokenSeconds: number | null;
};

export const NEW_POLICY: TenantPolicy = { userConsent: 'allowed', signInFrequency: null, accessTokenSeconds: null };

export type ConsentRequest = {
  readonly tenantId: string;
  readonly clientId: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  readonly at: number;
};

/** What a tester switches on for the whole sign-in side. */
export type SignInPolicy = {
  /** Entra takes an assertion again until it expires, and MSAL relies on it; RFC 7523 lets a server refuse. */
  refuseAssertionReplay: boolean;
  /** A transient failure of the token endpoint, for this share of calls. */
  tokenFault: { readonly number: 90033 | 90024 | 90090; readonly share: number } | null;
};

export type SignInState = {
  readonly lifetimes: SignInLifetimes;
  /** Where browsers find the pages, when it is not where everything else is. */
  pagesOrigin: string | null;
  policy: SignInPolicy;
  readonly people: Map<string, Person>;
  readonly tenants: Map<string, TenantPolicy>;
  readonly consentRequests: ConsentRequest[];
  /** By hash of the token. */
  readonly refreshTokens: Map<string, RefreshToken>;
  readonly codes: Map<string, Code>;
  readonly flows: Map<string, Flow>;
  readonly sessions: Map<string, Session>;
  readonly assertions: Map<string, { readonly expiresAt: number }>;
};

/** The part that outlives a restart. */
export type KeptSignIn = {
  readonly people: readonly (readonly [string, Person])[];
  /** State files of earlier versions lack some. */
  readonly tenants: readonly (readonly [string, Partial<TenantPolicy>])[];
  readonly refreshTokens: readonly (readonly [string, RefreshToken])[];
  readonly consentRequests: readonly ConsentRequest[];
};

export const createSignInState = (
  lifetimes: Partial<SignInLifetimes> = {},
  kept: KeptSignIn | null = null,
): SignInState => ({
  lifetimes: { ...SIGN_IN_LIFETIMES, ...lifetimes },
  pagesOrigin: null,
  policy: { refuseAssertionReplay: false, tokenFault: null },
  people: new Map(kept?.people),
  tenants: new Map(kept?.tenants.map(([id, policy]) => [id, { ...NEW_POLICY, ...policy }])),
  refreshTokens: new Map(kept?.refreshTokens),
  consentRequests: [...(kept?.consentRequests ?? [])],
  codes: new Map(),
  flows: new Map(),
  sessions: new Map(),
  assertions: new Map(),
});

export const keepSignIn = ({ people, tenants, refreshTokens, consentRequests }: SignInState): KeptSignIn => ({
  people: [...people],
  tenants: [...tenants],
  refreshTokens: [...refreshTokens],
  consentRequests,
});

const SWEEP_ABOVE = 1_000;

/** Adds an entry that ends by itself; what has ended is dropped once there are many. */
export const addEnding = <T extends { readonly expiresAt: number }>(
  map: Map<string, T>,
  key: string,
  { entry, now }: { entry: T; now: number },
): T => {
  if (map.size >= SWEEP_ABOVE) for (const [old, { expiresAt }] of map) if (expiresAt <= now) map.delete(old);
  map.set(key, entry);
  return entry;
};
