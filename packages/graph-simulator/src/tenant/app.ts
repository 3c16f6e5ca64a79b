/** A client secret of an app registration. Entra shows `text` once; later only `hint`, its first three characters. */
export type Secret = {
  readonly keyId: string;
  readonly displayName: string;
  readonly text: string;
  readonly startsAt: number;
  readonly endsAt: number;
};

/** A certificate whose private key signs client assertions; thumbprints as base64url, as JWT headers carry them. */
export type Certificate = {
  readonly keyId: string;
  readonly displayName: string;
  readonly pem: string;
  readonly sha1: string;
  readonly sha256: string;
  readonly startsAt: number;
  readonly endsAt: number;
};

/** An app registration with its service principal in the same tenant. */
export type App = {
  readonly clientId: string;
  readonly objectId: string;
  readonly principalId: string;
  readonly displayName: string;
  readonly createdAt: number;
  enabled: boolean;
  secrets: readonly Secret[];
  /** Application permissions that the registration asks for. */
  requested: readonly string[];
  /** Those that an administrator consented to; they become the `roles` of a token. */
  granted: readonly string[];
  /** Delegated permissions that the registration asks for, and those consented to for everyone. */
  requestedScopes: readonly string[];
  grantedScopes: readonly string[];
  /** Delegated permissions by the person who consented to them for themselves. */
  userConsents: Readonly<Record<string, readonly string[]>>;
  /** Where sign-in may go back to. Those of single-page apps get tokens without a credential, for a day. */
  redirectUris: readonly string[];
  spaRedirectUris: readonly string[];
  audience: 'AzureADMyOrg' | 'AzureADMultipleOrgs';
  certificates: readonly Certificate[];
  /** Whether tokens list the person's groups. */
  groupClaims: boolean;
  /** How long its access tokens live by policy; null: as the tenant or Entra says. */
  accessTokenSeconds: number | null;
  /** Set where this is only the service principal of an app that another tenant registered. */
  readonly homeTenantId: string | null;
};

/** A registration fresh from the portal; also what state files of earlier versions lack. */
export const NEW_APP = {
  requestedScopes: ['openid', 'profile', 'offline_access', 'User.Read'],
  grantedScopes: [],
  userConsents: {},
  redirectUris: [
    'http://localhost/oauth2callback/microsoft',
    'https://localhost/oauth2callback/microsoft',
    'https://localhost:4000/oauth2callback/microsoft',
  ],
  spaRedirectUris: [],
  audience: 'AzureADMyOrg',
  certificates: [],
  groupClaims: false,
  accessTokenSeconds: null,
  homeTenantId: null,
} as const;
