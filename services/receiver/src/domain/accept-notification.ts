import {
  changeNotification,
  instant,
  isPartition,
  lifecycleNotification,
  toPersonKey,
  ZERO_ID,
  type ChangeNotification,
  type ClientStateVerdict,
  type LifecycleEvent,
  type NotificationEvent,
} from '@muster/contracts';

/** Why an item is dropped; a label of a metric. */
export type DropReason =
  | 'unreadable'
  | 'client-state-missing'
  | 'client-state-malformed'
  | 'client-state-forged'
  /** Not looked at: too many of its body were refused before. */
  | 'client-state-unproved'
  | 'unknown-resource'
  | 'misused-canary';

export type Verdict =
  | { status: 'dropped'; reason: DropReason; kind: 'notification' | 'lifecycle' }
  | {
      status: 'accepted';
      kind: 'notification';
      key: string;
      value: NotificationEvent;
      /** Only a canary names its partition. */
      partition?: number;
      keyIndex: number;
    }
  | { status: 'accepted'; kind: 'lifecycle'; key: string; value: LifecycleEvent; keyIndex: number };
type Dropped = Extract<Verdict, { status: 'dropped' }>;
type Proof = Extract<ClientStateVerdict, { proved: true }>;

export type AcceptOptions = {
  /** See `createClientStateVerifier`; `unproved` = it was not tried. */
  verify: (clientState: unknown, tenantId: string) => ClientStateVerdict | { proved: false; reason: 'unproved' };
  receivedAt: Date;
};

/**
 * Proves and reads one item of a collection, without I/O. Both kinds may come to either address. clientState proves the
 * integration together with the tenant and does not go on from here. Proved first: what a forger sends costs a hash at the
 * most, however long it is. Never throws.
 */
export function acceptNotification(item: unknown, options: AcceptOptions): Verdict {
  if (typeof item !== 'object' || item === null) return drop('notification', 'unreadable');
  const raw = item as Record<string, unknown>;
  const isLifecycle = raw['lifecycleEvent'] !== undefined && raw['lifecycleEvent'] !== null;
  const kind = isLifecycle ? 'lifecycle' : 'notification';
  const tenantId = namedTenant(raw);
  if (typeof tenantId !== 'string') return drop(kind, 'unreadable');
  const proof = options.verify(raw['clientState'], tenantId.toLowerCase());
  if (!proof.proved) return drop(kind, `client-state-${proof.reason}`);
  return isLifecycle ? acceptLifecycle(item, proof, options) : acceptChange(item, proof, options);
}

const drop = (kind: Dropped['kind'], reason: DropReason): Dropped => ({ status: 'dropped', reason, kind });

/** The same that the parsers of contracts take. */
function namedTenant({ tenantId, organizationId, resourceData }: Record<string, unknown>): unknown {
  const inData = typeof resourceData === 'object' && resourceData !== null && 'organizationId' in resourceData;
  return tenantId ?? organizationId ?? (inData ? resourceData.organizationId : undefined);
}

function acceptChange(item: object, proof: Proof, { receivedAt }: AcceptOptions): Verdict {
  const parsed = changeNotification.safeParse(item);
  if (!parsed.success) return drop('notification', 'unreadable');
  const notification = parsed.data;
  const named = toEntity(notification);
  if (!named) return drop('notification', 'unknown-resource');
  const isNobodys = notification.tenantId === ZERO_ID || proof.integrationId === ZERO_ID;
  if (isNobodys !== (named.entity === 'canary')) return drop('notification', 'misused-canary');
  const { subscriptionId, tenantId, changeType, members, sequenceNumber } = notification;
  const eventTime = toEventTime(notification.eventTime);
  return {
    status: 'accepted',
    kind: 'notification',
    key: toPersonKey(tenantId, named.entityId),
    ...(named.entity === 'canary' ? { partition: Number(named.entityId) } : {}),
    keyIndex: proof.keyIndex,
    value: {
      version: 1,
      integrationId: proof.integrationId,
      tenantId,
      subscriptionId,
      ...named,
      changeType,
      ...(members === undefined ? {} : { members }),
      ...(eventTime === undefined ? {} : { eventTime }),
      ...(sequenceNumber === undefined ? {} : { sequenceNumber }),
      receivedAt: receivedAt.toISOString(),
    },
  };
}

function acceptLifecycle(item: object, proof: Proof, { receivedAt }: AcceptOptions): Verdict {
  const parsed = lifecycleNotification.safeParse(item);
  if (!parsed.success) return drop('lifecycle', 'unreadable');
  const { clientState: _secret, subscriptionExpirationDateTime, ...rest } = parsed.data;
  if (rest.tenantId === ZERO_ID || proof.integrationId === ZERO_ID) return drop('lifecycle', 'misused-canary');
  return {
    status: 'accepted',
    kind: 'lifecycle',
    key: rest.subscriptionId,
    keyIndex: proof.keyIndex,
    value: {
      version: 1,
      integrationId: proof.integrationId,
      ...rest,
      ...(subscriptionExpirationDateTime === undefined ? {} : { subscriptionExpirationDateTime }),
      receivedAt: receivedAt.toISOString(),
    },
  };
}

const ENTITIES = { users: 'user', groups: 'group', canary: 'canary' } as const;
const RESOURCE = /^(users|groups|canary)(?:\/([^/?]+)|\('([^']+)'\))?(?:[/?]|$)/i;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What changed: by `resourceData.id`, else by the resource's path. */
function toEntity({ resource, entityId }: ChangeNotification): Pick<NotificationEvent, 'entity' | 'entityId'> | null {
  const [, collection, plainId, quotedId] = RESOURCE.exec(resource) ?? [];
  if (collection === undefined) return null;
  const entity = ENTITIES[collection.toLowerCase() as keyof typeof ENTITIES];
  const pathId = (plainId ?? quotedId ?? '').toLowerCase();
  if (entity === 'canary') return isPartition(pathId) ? { entity, entityId: pathId } : null;
  const id = entityId ?? pathId;
  return GUID.test(id) ? { entity, entityId: id } : null;
}

/** Graph's clock began with Graph: an earlier time is a placeholder such as 0001-01-01 and says nothing. */
const EARLIEST = '2010-01-01';

function toEventTime(text: string | undefined): string | undefined {
  const parsed = instant.safeParse(text);
  return parsed.success && parsed.data >= EARLIEST ? parsed.data : undefined;
}
