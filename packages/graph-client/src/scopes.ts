/** OpenID Connect's own; every other name is a permission of Graph. */
const OPENID = new Set(['openid', 'profile', 'email', 'offline_access']);

/** Short names → as one asks for them: with the cloud's Graph in front. */
export const toScopes = (graphUrl: string, names: readonly string[]): string[] =>
  names.map((name) => (OPENID.has(name) || name.includes('/') ? name : `${graphUrl}/${name}`));

/** Graph's permissions among what was granted, by their short names. */
export const toShortNames = (scopes: readonly string[]): string[] =>
  scopes
    .map((scope) => scope.slice(scope.lastIndexOf('/') + 1))
    .filter((name) => name !== '' && !OPENID.has(name))
    .toSorted();
