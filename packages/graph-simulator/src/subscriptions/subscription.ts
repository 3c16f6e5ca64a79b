export type Subscription = {
  readonly id: string;
  readonly tenantId: string;
  readonly applicationId: string;
  readonly creatorId: string;
  /** Without leading slash, as it was sent. */
  readonly resource: string;
  /** `updated` and `deleted`, or one of them, in the order in which they were asked for. */
  readonly changeType: string;
  readonly clientState: string | null;
  notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  readonly latestSupportedTlsVersion: string;
  readonly notificationUrlAppId?: string | null;
  expiresAt: number;
  /** When the token behind it lapses; delivery then waits (contract 3.5). */
  tokenExpiresAt: number;
  /** When the next reauthorizationRequired is due. */
  challengeAt: number;
};

/** What a subscription watches. */
export type Watched = {
  readonly kind: 'users' | 'groups';
  /** Lower case; null = the whole collection. */
  readonly id: string | null;
  readonly part: 'members' | 'owners' | null;
};

const RESOURCES: readonly [RegExp, (id: string) => Watched][] = [
  [/^users$/, () => ({ kind: 'users', id: null, part: null })],
  [/^users\/([^/]+)$/, (id) => ({ kind: 'users', id, part: null })],
  [/^groups$/, () => ({ kind: 'groups', id: null, part: null })],
  [/^groups\/([^/]+)$/, (id) => ({ kind: 'groups', id, part: null })],
  [/^groups\/([^/]+)\/members$/, (id) => ({ kind: 'groups', id, part: 'members' })],
  [/^groups\/([^/]+)\/owners$/, (id) => ({ kind: 'groups', id, part: 'owners' })],
];

/** Null when Graph has no notifications for this resource (or this simulator does not). */
export const parseResource = (resource: string): Watched | null => {
  const path = resource.replace(/^\/+/, '').toLowerCase();
  for (const [pattern, toWatched] of RESOURCES) {
    const match = pattern.exec(path);
    if (match) return toWatched(match[1] ?? '');
  }
  return null;
};

/** Something below a person or group that has no notifications: memberOf, say. */
export const parseUnwatched = (resource: string): Watched | null => {
  const match = /^(users|groups)\/([^/]+)\/[^/]+$/.exec(resource.replace(/^\/+/, '').toLowerCase());
  return match === null ? null : { kind: match[1] === 'users' ? 'users' : 'groups', id: match[2] ?? '', part: null };
};

/** ISO 8601 with `+00:00`, as Graph writes expiries in notifications. */
export const toOffsetTime = (time: number): string => new Date(time).toISOString().replace('Z', '+00:00');
