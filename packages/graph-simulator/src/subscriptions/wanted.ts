import { z } from 'zod';
import { GraphFault } from '../graph/fault.js';
import type { Settings } from '../settings.js';
import type { Watched } from './subscription.js';
import { parseResource, parseUnwatched } from './subscription.js';

/** A create request that keeps the rules of contract 1.1. */
export type Wanted = {
  readonly changeType: string;
  readonly notificationUrl: string;
  readonly lifecycleNotificationUrl: string | null;
  readonly resource: string;
  readonly watched: Watched;
  readonly expiresAt: number;
  readonly clientState: string | null;
  readonly latestSupportedTlsVersion: string;
  readonly notificationUrlAppId: string | null;
};

type Rules = Pick<Settings, 'lifetimes' | 'switches'>;

const bodySchema = z.looseObject({
  changeType: z.string().optional(),
  notificationUrl: z.string().optional(),
  resource: z.string().optional(),
  expirationDateTime: z.string().optional(),
  lifecycleNotificationUrl: z.string().nullish(),
  clientState: z.string().nullish(),
  latestSupportedTlsVersion: z.string().nullish(),
  notificationUrlAppId: z.string().nullish(),
});

const invalid = (message: string, code = 'InvalidRequest') => new GraphFault(400, code, message);

const required = (name: string, value: string | undefined, { switches }: Rules): string => {
  if (value === undefined || value === '')
    throw invalid(`${name} is a required property for subscription creation.`, switches.validationErrorCode);
  return value;
};

export const readHttpsUrl = (name: string, value: string): string => {
  if (!URL.canParse(value) || new URL(value).protocol !== 'https:')
    throw invalid(`The ${name} '${value}' must be an absolute https address.`);
  return value;
};

const readChangeType = (text: string): string => {
  const parts = [...new Set(text.split(',').map((part) => part.trim().toLowerCase()))];
  if (parts.some((part) => part !== 'updated' && part !== 'deleted'))
    throw invalid(`Invalid 'changeType' attribute: '${text}'.`);
  return parts.join(',');
};

/** Too short is raised to the floor without a word, too long is refused (contract 1.3). */
export const readExpiry = (text: string, now: number, { lifetimes }: Pick<Settings, 'lifetimes'>): number => {
  const asked = z.iso.datetime({ offset: true }).safeParse(text).success ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(asked)) throw invalid(`Invalid 'expirationDateTime' attribute: '${text}'.`);
  if (asked > now + lifetimes.subscriptionCap) {
    const minutes = Math.floor(lifetimes.subscriptionCap / 60_000);
    throw invalid(`Subscription expiration can only be ${minutes} minutes in the future.`, 'ExtensionError');
  }
  return Math.max(asked, now + lifetimes.subscriptionFloor);
};

const CLIENT_STATE_LIMIT = 128;
const TLS = ['v1_0', 'v1_1', 'v1_2', 'v1_3'];

const refuseForeignFields = (body: Record<string, unknown>) => {
  const foreign = Object.keys(body).find((name) => /^(vapidPublicKey|webPush)/.test(name) && body[name] != null);
  if (foreign !== undefined) throw invalid(`'${foreign}' is only allowed for browser push targets.`);
  if (body['includeResourceData'] === true) throw invalid('Rich notifications are not supported for this resource.');
  if (body['notificationQueryOptions'] != null)
    throw invalid("'notificationQueryOptions' is not supported for this resource.");
};

export const readWanted = (given: unknown, now: number, rules: Rules): Wanted => {
  const parsed = bodySchema.safeParse(given);
  if (!parsed.success) throw invalid('Invalid subscription: the body must be an object with text properties.');
  const body = parsed.data;
  const changeType = readChangeType(required('changeType', body.changeType, rules));
  const notificationUrl = readHttpsUrl('notificationUrl', required('notificationUrl', body.notificationUrl, rules));
  const resource = required('resource', body.resource, rules).replace(/^\/+/, '');
  const expiry = required('expirationDateTime', body.expirationDateTime, rules);
  const watched = parseResource(resource) ?? (rules.switches.unwatchedResources ? parseUnwatched(resource) : null);
  if (watched === null) throw invalid(`Invalid 'resource' attribute: '${resource}' has no change notifications.`);
  refuseForeignFields(body);
  const clientState = body.clientState ?? null;
  if (clientState !== null && clientState.length > CLIENT_STATE_LIMIT)
    throw invalid(`'clientState' must not be longer than ${CLIENT_STATE_LIMIT} characters.`);
  const tls = body.latestSupportedTlsVersion ?? 'v1_2';
  if (!TLS.includes(tls)) throw invalid(`Invalid 'latestSupportedTlsVersion' attribute: '${tls}'.`);
  const lifecycle = body.lifecycleNotificationUrl ?? null;
  return {
    changeType,
    notificationUrl,
    lifecycleNotificationUrl: lifecycle === null ? null : readHttpsUrl('lifecycleNotificationUrl', lifecycle),
    resource,
    watched,
    expiresAt: readExpiry(expiry, now, rules),
    clientState,
    latestSupportedTlsVersion: tls,
    notificationUrlAppId: body.notificationUrlAppId ?? null,
  };
};
