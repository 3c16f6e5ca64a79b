import { z } from 'zod';
import type { Tenant } from '../tenant/tenant.js';
import type { World } from '../world.js';

export type Caller = {
  readonly tenant: Tenant;
  readonly appId: string;
  /** Object id of the caller's service principal. */
  readonly principalId: string;
  readonly roles: ReadonlySet<string>;
};

/** One Graph call, whether it came by itself or inside a batch. */
export type GraphRequest = {
  readonly world: World;
  readonly caller: Caller;
  readonly method: string;
  /** What stands in braces in the operation's path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  readonly body: unknown;
  /** Where the caller reaches Graph, up to and with the version: `https://host/v1.0`. */
  readonly base: string;
  readonly now: number;
};

export type GraphAnswer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

export const ok = (body: unknown): GraphAnswer => ({ status: 200, body });

export const param = (request: GraphRequest, name: string): string => request.params[name] ?? '';

const encodeToken = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url');

/** A link that continues this list; options are kept, the token is opaque. */
export const toLink = (
  base: string,
  path: string,
  { kept, name, token }: { kept?: readonly (readonly [string, string])[]; name: string; token: unknown },
): string => {
  const options = [...(kept ?? []), [name, encodeToken(token)] as const];
  return `${base}${path}?${options.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&')}`;
};

/** Null when the token is not one of ours. */
export const readToken = <S extends z.ZodType>(schema: S, token: string): z.infer<S> | null => {
  try {
    return schema.parse(JSON.parse(Buffer.from(token, 'base64url').toString('utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
};
