import { z } from 'zod';
import type { Tenant } from '../tenant/tenant.js';
import type { View } from '../tenant/replica.js';
import type { User } from '../tenant/user.js';
import type { World } from '../world.js';

export type Caller = {
  readonly tenant: Tenant;
  readonly appId: string;
  /** Object id of the caller's service principal. */
  readonly principalId: string;
  /** The person whom the app acts for; null: the app acts for itself. */
  readonly userId: string | null;
  /** Application permissions, or scopes when it acts for a person. */
  readonly roles: ReadonlySet<string>;
  /** Of that person. */
  readonly directoryRoles: ReadonlySet<string>;
};

/** One Graph call, whether it came by itself or inside a batch. */
export type GraphRequest = {
  readonly world: World;
  readonly caller: Caller;
  readonly method: string;
  /** Below `/v1.0`, still encoded. */
  readonly path: string;
  /** What stands in braces in the operation's path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  readonly body: unknown;
  /** Where the caller reaches Graph, up to and with the version: `https://host/v1.0`. */
  readonly base: string;
  readonly now: number;
  /** The directory as this read sees it; it may lag. */
  readonly view: View;
};

export type GraphAnswer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** JSON texts of rows that stand as `value` in the body: a page of 999 is not built as objects first. */
  readonly rows?: readonly string[];
  /** The body does not arrive as it is. */
  readonly broken?: 'cutOff' | 'malformed';
};

/** The answer's body as one text. */
export const toText = ({ body, rows }: GraphAnswer): string => {
  const head = JSON.stringify(body);
  return rows === undefined ? head : `${head.slice(0, -1)},"value":[${rows.join(',')}]}`;
};

/** The answer's body as it is inside a batch. */
export const toContent = ({ body, rows }: GraphAnswer): unknown =>
  rows === undefined ? body : { ...(body as object), value: JSON.parse(`[${rows.join(',')}]`) as unknown };

/** By id or sign-in name; a soft-deleted person is not found. */
export const findUser = ({ view }: GraphRequest, idOrName: string): User | undefined => {
  const user = view.user(idOrName.toLowerCase()) ?? view.userByName(idOrName.toLowerCase());
  return user?.deletedAt === null ? user : undefined;
};

export const placeOf = ({ caller, path }: Pick<GraphRequest, 'caller' | 'path'>) => ({
  tenantId: caller.tenant.id,
  path,
});

/** How many rows this page has at most: as many as were asked for, or fewer, as Graph may. */
export const roomOf = (request: GraphRequest, asked: number): number => {
  const short = request.world.faults.take('shortPage', placeOf(request));
  return short === null ? asked : Math.min(short.rows, asked);
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
