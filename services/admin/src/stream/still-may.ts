import type { Principal } from '../keys/principal.js';

export type StillMayOptions = {
  bySession: (sessionHash: string) => Promise<Principal | null>;
  byKey: (keyHash: string) => Promise<Principal | null>;
};

/** Whether who opened a stream could open the same now: still known, in the same role, for the same integration. */
export const createStillMay =
  ({ bySession, byKey }: StillMayOptions) =>
  async (opened: Principal): Promise<boolean> => {
    const current = await ask(opened);
    return current !== null && current.role === opened.role && current.integrationId === opened.integrationId;

    function ask({ sessionHash, keyHash }: Principal): Promise<Principal | null> {
      if (sessionHash !== null) return bySession(sessionHash);
      return keyHash === null ? Promise.resolve(null) : byKey(keyHash);
    }
  };
