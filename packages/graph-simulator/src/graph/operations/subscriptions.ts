import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Delivery } from '../../delivery/deliver.js';
import type { Post } from '../../delivery/post.js';
import { challengeTime } from '../../subscriptions/challenge.js';
import { validateEndpoint } from '../../subscriptions/handshake.js';
import type { Subscription } from '../../subscriptions/subscription.js';
import type { Wanted } from '../../subscriptions/wanted.js';
import { readExpiry, readHttpsUrl, readWanted } from '../../subscriptions/wanted.js';
import { GraphFault, accessDenied, badRequest } from '../fault.js';
import type { Operation } from '../operation.js';
import { pageById, readFrom } from '../page-by-id.js';
import { WATCH, opens } from '../permissions.js';
import type { GraphAnswer, GraphRequest } from '../request.js';
import { ok, param, placeOf, toLink } from '../request.js';
import { toTime } from '../shape-user.js';

export type SubscriptionTools = {
  readonly post: Post;
  readonly resume: Delivery['resume'];
  /** Told of every change, so that it reaches the state file. */
  readonly onEdit: () => void;
};

const toShape = (subscription: Subscription) => ({
  id: subscription.id,
  resource: subscription.resource,
  applicationId: subscription.applicationId,
  changeType: subscription.changeType,
  clientState: subscription.clientState,
  notificationUrl: subscription.notificationUrl,
  notificationQueryOptions: null,
  lifecycleNotificationUrl: subscription.lifecycleNotificationUrl,
  expirationDateTime: toTime(subscription.expiresAt),
  creatorId: subscription.creatorId,
  includeResourceData: null,
  latestSupportedTlsVersion: subscription.latestSupportedTlsVersion,
  // Empty texts, as Microsoft's examples have them.
  encryptionCertificate: '',
  encryptionCertificateId: '',
  notificationContentType: 'application/json',
  notificationUrlAppId: subscription.notificationUrlAppId ?? null,
});

const entity = (request: GraphRequest, subscription: Subscription, status = 200): GraphAnswer => ({
  status,
  body: { '@odata.context': `${request.base}/$metadata#subscriptions/$entity`, ...toShape(subscription) },
});

const notFound = () => new GraphFault(404, 'ResourceNotFound', 'The object was not found.');

/** An app sees its own ones in this tenant only; for a person, that person's, or all with the permission for it. */
const isTheirs = ({ caller }: GraphRequest, { tenantId, applicationId, creatorId }: Subscription) => {
  if (tenantId !== caller.tenant.id) return false;
  if (caller.userId !== null && caller.roles.has('Subscription.Read.All')) return true;
  return applicationId === caller.appId && (caller.userId === null || creatorId === caller.userId);
};

const isVisible = (request: GraphRequest, subscription: Subscription) =>
  subscription.expiresAt > request.now && isTheirs(request, subscription);

/** Those that ended are listed only when a fault says so, as has been seen for short times (contract 1.4). */
const listedOf = (request: GraphRequest): readonly Subscription[] => {
  const { world, caller } = request;
  const alive = world.subscriptions.ofTenant(caller.tenant.id).filter((one) => isVisible(request, one));
  if (world.faults.take('endedListed', placeOf(request)) === null) return alive;
  return [...alive, ...world.subscriptions.endedIn(caller.tenant.id).filter((one) => isTheirs(request, one))];
};

const findOwn = (request: GraphRequest): Subscription => {
  const subscription = request.world.subscriptions.find(param(request, 'id'));
  if (subscription === undefined || !isVisible(request, subscription)) throw notFound();
  return subscription;
};

/** One that the caller may change: to read it is not enough (contract 1.4). */
const findToChange = (request: GraphRequest): Subscription => {
  const subscription = findOwn(request);
  const { appId, userId } = request.caller;
  const { applicationId, creatorId } = subscription;
  if (applicationId !== appId || (userId !== null && creatorId !== userId)) throw accessDenied();
  return subscription;
};

const requireTarget = ({ caller, view }: GraphRequest, { watched: { kind, id } }: Wanted) => {
  if (caller.tenant.kind !== 'workforce')
    throw badRequest('Change notifications of users and groups are not available in this kind of tenant.');
  if (!opens(WATCH[kind], caller.roles))
    throw new GraphFault(
      403,
      'ExtensionError',
      'Operation: Create; Exception: [Status Code: Forbidden; Reason: Forbidden]',
    );
  if (id === null) return;
  const found = kind === 'users' ? view.user(id) : view.group(id);
  if (found?.deletedAt !== null) throw notFound();
};

const requireSlot = ({ world, caller }: GraphRequest, wanted: Wanted) => {
  const owner = { tenantId: caller.tenant.id, applicationId: caller.appId };
  const duplicate = world.subscriptions.duplicateOf({ ...owner, ...wanted }, world.settings.switches);
  if (duplicate !== undefined)
    throw new GraphFault(
      409,
      'ObjectIdentifierInUse',
      `Subscription Id ${duplicate.id} already exists for the requested combination`,
    );
  const exceeded = world.subscriptions.exceededBy(owner);
  if (exceeded !== null)
    throw new GraphFault(403, 'Forbidden', `Subscription quota reached: no more subscriptions per ${exceeded}.`);
};

const create =
  ({ post, onEdit }: SubscriptionTools) =>
  async (request: GraphRequest): Promise<GraphAnswer> => {
    const { world, caller } = request;
    const { lifetimes } = world.settings;
    const wanted = readWanted(request.body, request.now, world.settings);
    requireTarget(request, wanted);
    requireSlot(request, wanted);
    const urls = [wanted.notificationUrl, wanted.lifecycleNotificationUrl].filter((url) => url !== null);
    await Promise.all(urls.map((url) => validateEndpoint(url, { post, settings: world.settings })));
    // Another request may have taken the slot while the endpoints answered.
    requireSlot(request, wanted);
    const now = world.clock.now();
    const tokenExpiresAt = now + lifetimes.deliveryToken;
    const { watched: _watched, ...kept } = wanted;
    const subscription: Subscription = {
      ...kept,
      id: randomUUID(),
      tenantId: caller.tenant.id,
      applicationId: caller.appId,
      creatorId: caller.userId ?? caller.principalId,
      tokenExpiresAt,
      challengeAt: challengeTime({ expiresAt: wanted.expiresAt, tokenExpiresAt }, now, lifetimes),
    };
    world.subscriptions.add(subscription);
    onEdit();
    return entity(request, subscription, 201);
  };

/** Starts the life of the token behind it anew and lets waiting notifications go. */
const reauthorize = ({ world }: GraphRequest, subscription: Subscription, { resume, onEdit }: SubscriptionTools) => {
  const now = world.clock.now();
  const { lifetimes } = world.settings;
  subscription.tokenExpiresAt = now + lifetimes.deliveryToken;
  subscription.challengeAt = challengeTime(subscription, now, lifetimes);
  resume(subscription);
  onEdit();
};

const requireRight = ({ caller }: GraphRequest, { resource }: Subscription) => {
  const kind = resource.toLowerCase().startsWith('users') ? 'users' : 'groups';
  if (!opens(WATCH[kind], caller.roles))
    throw new GraphFault(
      403,
      'ExtensionError',
      'Operation: Update; Exception: [Status Code: Forbidden; Reason: Forbidden]',
    );
};

const patchSchema = z.looseObject({
  expirationDateTime: z.string().optional(),
  notificationUrl: z.string().optional(),
});

const update =
  (tools: SubscriptionTools) =>
  async (request: GraphRequest): Promise<GraphAnswer> => {
    const { world, now } = request;
    const { settings } = world;
    const subscription = findToChange(request);
    const body = patchSchema.safeParse(request.body);
    const { expirationDateTime, notificationUrl } = body.data ?? {};
    if (expirationDateTime === undefined && notificationUrl === undefined)
      throw badRequest(
        "Subscription must contain either the 'expirationDateTime' or 'notificationUrl' property and its value.",
        'InvalidRequest',
      );
    if (body.data?.['lifecycleNotificationUrl'] !== undefined)
      throw badRequest("'lifecycleNotificationUrl' cannot be changed; create a new subscription.", 'InvalidRequest');
    requireRight(request, subscription);
    const expiresAt = expirationDateTime === undefined ? null : readExpiry(expirationDateTime, now, settings);
    const { notificationUrl: current } = subscription;
    const url = notificationUrl === undefined ? current : readHttpsUrl('notificationUrl', notificationUrl);
    if (notificationUrl !== undefined || settings.switches.validateOnRenewal)
      await validateEndpoint(url, { post: tools.post, settings });
    subscription.notificationUrl = url;
    if (expiresAt !== null) subscription.expiresAt = expiresAt;
    reauthorize(request, subscription, tools);
    return entity(request, subscription);
  };

const listOwn = (request: GraphRequest): GraphAnswer => {
  const { query, world, base } = request;
  const option = [...query.keys()].find((name) => name !== '$skiptoken');
  if (option !== undefined) throw badRequest(`The query option '${option}' is not supported.`, 'InvalidRequest');
  const from = readFrom(query);
  if (from === null) throw badRequest('Badly formed token.', 'InvalidRequest');
  const { rows, next } = pageById(listedOf(request), { from, limit: world.settings.pageSizes.subscriptions });
  // A list never shows client states (contract 1.4).
  const value = rows.map((one) => ({ ...toShape(one), clientState: null }));
  return ok({
    '@odata.context': `${base}/$metadata#subscriptions`,
    ...(next !== null && { '@odata.nextLink': toLink(base, '/subscriptions', { name: '$skiptoken', token: next }) }),
    value,
  });
};

export const createSubscriptionOperations = (tools: SubscriptionTools): readonly Operation[] => [
  { method: 'POST', path: '/subscriptions', permissions: null, scope: 'subscriptionWrite', handle: create(tools) },
  { method: 'GET', path: '/subscriptions', permissions: null, scope: 'subscriptionList', handle: listOwn },
  {
    method: 'GET',
    path: '/subscriptions/{id}',
    permissions: null,
    scope: 'subscriptionGet',
    handle: (request) => entity(request, findOwn(request)),
  },
  {
    method: 'PATCH',
    path: '/subscriptions/{id}',
    permissions: null,
    scope: 'subscriptionWrite',
    handle: update(tools),
  },
  {
    method: 'POST',
    path: '/subscriptions/{id}/reauthorize',
    permissions: null,
    scope: 'subscriptionReauthorize',
    handle: async (request) => {
      const { settings } = request.world;
      const subscription = findToChange(request);
      requireRight(request, subscription);
      if (settings.switches.validateOnRenewal)
        await validateEndpoint(subscription.notificationUrl, { post: tools.post, settings });
      reauthorize(request, subscription, tools);
      return { status: 204 };
    },
  },
  {
    method: 'DELETE',
    path: '/subscriptions/{id}',
    permissions: null,
    scope: 'subscriptionWrite',
    handle: (request) => {
      request.world.subscriptions.remove(findToChange(request).id);
      tools.onEdit();
      return { status: 204 };
    },
  },
];
