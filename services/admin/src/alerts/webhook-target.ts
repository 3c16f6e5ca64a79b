import { createHmac } from 'node:crypto';
import { lookup as lookupName, type LookupAddress } from 'node:dns';
import { request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isPrivateAddress } from './private-address.js';
import { Untold, type AlertMessage, type Tell } from './message.js';

export type WebhookOptions = {
  url: string;
  /** Signs; never sent. */
  secret: string;
  /** Hosts that may have an address in a private network; all others must be public. */
  privateHosts: readonly string[];
  now: () => Date;
};

const LIMIT_MS = 10_000;

/**
 * One POST of JSON over https, signed as Standard Webhooks are (`webhook-id`, `webhook-timestamp`, `webhook-signature`: v1,
 * HMAC-SHA256 of id.timestamp.body). Follows no redirect, and connects to no private address: the name is looked up once,
 * by the connection itself, so that it cannot be another by then.
 */
export function createWebhookTarget({ url, secret, privateHosts, now }: WebhookOptions): Tell {
  const target = new URL(url);
  return async (message) => {
    const body = JSON.stringify(message);
    const timestamp = Math.floor(now().getTime() / 1_000);
    const status = await post(target, {
      body,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'muster-alerts',
        'webhook-id': message.id,
        'webhook-timestamp': String(timestamp),
        'webhook-signature': sign(message, { body, timestamp, secret }),
      },
      mayBePrivate: privateHosts.includes(target.hostname.toLowerCase()),
    });
    if (status < 200 || status > 299) throw new Untold(`The webhook answered ${status}, not 2xx.`);
  };
}

export const WHSEC = 'whsec_';

/** `whsec_` and base64, as Standard Webhooks write secrets, or any text. */
const toKey = (secret: string): Buffer =>
  secret.startsWith(WHSEC) ? Buffer.from(secret.slice(WHSEC.length), 'base64') : Buffer.from(secret);

/** Base64 of 24 to 64 bytes, as Standard Webhooks ask; Node drops what is none, down to an empty key that anybody has. */
export const isStandardSecret = (secret: string): boolean =>
  /^whsec_(?:[a-z0-9+/]{4})*(?:[a-z0-9+/]{2}(?:==)?|[a-z0-9+/]{3}=?)?$/i.test(secret) &&
  toKey(secret).length >= 24 &&
  toKey(secret).length <= 64;

type Signing = { body: string; timestamp: number; secret: string };
const sign = ({ id }: AlertMessage, { body, timestamp, secret }: Signing): string =>
  `v1,${createHmac('sha256', toKey(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`;

type Posting = { body: string; headers: Record<string, string>; mayBePrivate: boolean };

function post(target: URL, { body, headers, mayBePrivate }: Posting): Promise<number> {
  const host = target.hostname.replace(/^\[|\]$/g, '');
  if (target.protocol !== 'https:') return Promise.reject(new Untold('The address of the webhook is not https.'));
  if (!mayBePrivate && isIP(host) !== 0 && isPrivateAddress(host)) return Promise.reject(privateAddress());
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(LIMIT_MS);
    const lookup = mayBePrivate ? {} : { lookup: lookupPublic };
    const call = request(target, { method: 'POST', headers, signal, agent: false, ...lookup }, (response) => {
      // What it says is nobody's business here, however long it is.
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', (error: Error & { code?: string }) => reject(toUntold(error)));
    call.end(body);
  });
}

const privateAddress = (): Untold =>
  new Untold('The webhook has an address in a private network. Name its host in ALERT_PRIVATE_HOSTS if that is right.');

function toUntold(error: Error & { code?: string }): Untold {
  if (error instanceof Untold) return error;
  const late = error.name === 'TimeoutError' || error.name === 'AbortError';
  const why = late ? `no answer within ${LIMIT_MS / 1_000} s` : (error.code ?? 'the connection failed');
  return new Untold(`The webhook could not be reached: ${why}.`, { cause: error });
}

/** As dns.lookup, but for public addresses only. */
const lookupPublic: LookupFunction = (hostname, options, done) => {
  lookupName(hostname, { ...options, all: true }, (error: Error | null, addresses: readonly LookupAddress[]) => {
    const [first] = error ? [] : addresses;
    if (!first) done(error ?? new Error('no address'), '');
    else if (addresses.some(({ address }) => isPrivateAddress(address))) done(privateAddress(), '');
    else if (options.all) done(null, [...addresses]);
    else done(null, first.address, first.family);
  });
};
