import { Failure, USER_SELECT, type DirectoryUser } from '@muster/contracts';
import type { GraphPage } from './graph.js';
import type { Transport } from './microsoft-graph.js';
import { readPages } from './pages.js';
import { toDirectoryUser } from './to-directory-user.js';

/** Casts of members are served from an index that needs this header and `$count`. */
export const EVENTUAL = { ConsistencyLevel: 'eventual' };

/** https://learn.microsoft.com/graph/api/group-list-transitivemembers: each person once, whatever the nesting. */
export const groupPeoplePages = (transport: Transport, groupId: string): AsyncIterable<GraphPage<DirectoryUser>> =>
  readPages<DirectoryUser>({
    transport,
    from: `/groups/${groupId}/transitiveMembers/microsoft.graph.user?$count=true&$select=${USER_SELECT}&$top=999`,
    headers: EVENTUAL,
    what: 'list the people of a group',
    toRow: toDirectoryUser,
  });

export async function countNestedGroups(transport: Transport, groupId: string): Promise<number> {
  const what = 'count nested groups';
  const { body } = await transport({
    method: 'GET',
    path: `/groups/${groupId}/transitiveMembers/microsoft.graph.group?$count=true&$select=id&$top=1`,
    headers: EVENTUAL,
    what,
  });
  const count = (body as { '@odata.count'?: unknown } | null)?.['@odata.count'];
  if (typeof count !== 'number') throw new Failure('graph.malformed', `${what}: no count came`, { retryable: true });
  return count;
}
