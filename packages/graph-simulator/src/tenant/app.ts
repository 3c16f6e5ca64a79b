/** A client secret of an app registration. Entra shows `text` once; later only `hint`, its first three characters. */
export type Secret = {
  readonly keyId: string;
  readonly displayName: string;
  readonly text: string;
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
};
