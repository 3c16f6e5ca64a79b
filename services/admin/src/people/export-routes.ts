import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { z } from 'zod';
import type { PeopleFilter, Store } from '@muster/store';
import { defineRoute, type Route } from '../http/route.js';
import { toCsvLine } from './to-csv.js';
import { peopleFilterFields, toPeopleFilter, toUserView, type UserView } from './user-routes.js';

export type ExportRoutesOptions = { store: Pick<Store, 'users' | 'mfa' | 'integrations'> };

const PAGE = 500;
const COLUMNS = [
  'userId',
  'tenantId',
  'userPrincipalName',
  'displayName',
  'givenName',
  'surname',
  'mail',
  'jobTitle',
  'department',
  'accountEnabled',
  'userType',
  'status',
  'ssoEnabled',
  'inGroup',
  'groupPath',
  'mfaState',
  'revision',
  'observedAt',
  'changedAt',
] as const satisfies readonly (keyof UserView)[];
/** Of the MFA row; empty where there is none. */
const MFA_COLUMNS = ['isAdmin', 'isMfaRegistered', 'isMfaCapable', 'methodsRegistered', 'reportedAt'] as const;

const FORMATS = {
  csv: {
    type: 'text/csv; charset=utf-8',
    // The mark of UTF-8, without which Excel reads another alphabet.
    head: `\uFEFF${toCsvLine([...COLUMNS, ...MFA_COLUMNS])}`,
    toLine: (view: UserView): string =>
      toCsvLine([...COLUMNS.map((name) => view[name]), ...MFA_COLUMNS.map((name) => view.mfa?.[name])]),
  },
  ndjson: { type: 'application/x-ndjson', head: '', toLine: (view: UserView): string => `${JSON.stringify(view)}\n` },
};

/** Everyone that the filters leave, however many, a page of the database at a time. */
export const exportRoutes = ({ store }: ExportRoutesOptions): Route[] => [
  defineRoute({
    method: 'get',
    path: '/users/export',
    summary: 'People as a file, with the filters of GET /users',
    tag: 'users',
    audited: true,
    query: z.strictObject({ format: z.enum(['csv', 'ndjson']).default('csv'), ...peopleFilterFields }),
    answer: {
      status: 200,
      description: 'A file; cut short (without its end) when the database goes away meanwhile.',
      schema: z.string(),
      types: ['text/csv', 'application/x-ndjson'],
    },
    errors: [404],
    handle: async ({ query: { format, ...wanted }, principal }) => {
      const filter = await toPeopleFilter(store, principal, wanted);
      const { type } = FORMATS[format];
      return {
        headers: { 'Content-Type': type, 'Content-Disposition': `attachment; filename="people.${format}"` },
        send: (response) => sendPeople(response, { users: store.users, filter, format }),
      };
    },
  }),
];

type Sending = { users: Store['users']; filter: PeopleFilter; format: keyof typeof FORMATS };

async function sendPeople(response: Response, { users, filter, format }: Sending): Promise<void> {
  const { head, toLine } = FORMATS[format];
  // Before anything is sent: an outage is still an answer of its own.
  const first = await users.page(filter, { limit: PAGE });
  async function* lines(): AsyncGenerator<string> {
    yield head;
    let page = first;
    for (;;) {
      yield page.items.map(({ mfa, ...document }) => toLine(toUserView(document, mfa))).join('');
      if (page.nextCursor === null) return;
      page = await users.page(filter, { limit: PAGE, cursor: page.nextCursor });
    }
  }
  await pipeline(Readable.from(lines()), response).catch((error: unknown) => {
    // Whoever asked has left.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  });
}
