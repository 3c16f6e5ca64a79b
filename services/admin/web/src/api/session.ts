import { useQuery } from '@tanstack/preact-query';
import { ApiError, call, get } from './client.js';
import { queryClient } from './queries.js';

/** Who looks at the pages. Fields may be missing: a session opened by an API key has no name. */
export type Session = {
  role?: 'operator' | 'tenant-admin' | (string & {});
  integrationId?: string | null;
  name?: string | null;
  why?: string | null;
  expiresAt?: string | null;
};

const KEY = ['session'];

/** Null: nobody is signed in. A service without /session is asked for its integrations, which says as much. */
export const useSession = () =>
  useQuery<Session | null, ApiError>({
    queryKey: KEY,
    queryFn: async () => {
      try {
        return await get<Session>('/session').catch(async (error: unknown) => {
          if (!(error instanceof ApiError) || error.status !== 404) throw error;
          await get('/integrations');
          return {};
        });
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    refetchInterval: 30_000,
  });

export async function openSession(key: string): Promise<void> {
  await call('POST', '/session', { body: { key }, root: '' });
  queryClient.clear();
  await queryClient.invalidateQueries({ queryKey: KEY });
}

export async function endSession(): Promise<void> {
  await call('POST', '/session/end', { root: '' });
  queryClient.clear();
  queryClient.setQueryData(KEY, null);
}
