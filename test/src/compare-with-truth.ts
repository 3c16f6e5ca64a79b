import { toPersonKey } from '@muster/contracts';
import type { Store } from '@muster/store';
import type { SimulatedTenant, SimulatorClient, TrueUser } from './simulator-client.js';

/** What the document of a true user must say, with a chosen group; null = there must be none. */
function expected(user: TrueUser, hadDocument: boolean) {
  const gone = user.deletedDateTime !== null;
  if (!hadDocument && (gone || !user.inGroup)) return null;
  const status = gone ? 'deleted' : !user.inGroup ? 'out-of-scope' : user.accountEnabled ? 'active' : 'disabled';
  return { status, ssoEnabled: status === 'active' };
}

/** Every difference between the documents and the directory, in words; empty = the picture is true. */
export async function compareWithTruth(
  store: Pick<Store, 'users'>,
  simulator: SimulatorClient,
  tenant: SimulatedTenant,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const user of await simulator.truth(tenant.tenantId)) {
    const document = await store.users.get(toPersonKey(tenant.tenantId, user.id));
    const want = expected(user, document !== null);
    if (want === null) continue;
    if (document === null) {
      wrong.push(`${user.id} has no document, should be ${want.status}`);
      continue;
    }
    const compare = (field: string, is: unknown, should: unknown): void => {
      if (is !== should)
        wrong.push(`${user.id} ${field} is ${JSON.stringify(is)}, should be ${JSON.stringify(should)}`);
    };
    compare('status', document.status, want.status);
    compare('ssoEnabled', document.ssoEnabled, want.ssoEnabled);
    if (want.status === 'deleted' || want.status === 'out-of-scope') continue;
    compare('displayName', document.displayName, user.displayName);
    compare('department', document.department, user.department);
    compare('groupPath', document.groupPath.join('>'), user.groupPath.join('>'));
  }
  return wrong;
}
