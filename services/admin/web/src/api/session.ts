import { useQuery } from '@tanstack/preact-query';
import { ApiError, call, get } from './client.js';
import { forgetDrafts } from '../setup/draft.js';
import { queryClient } from './queries.js';

/** Who looks at the pages. Fields may be missing: a session opened by an API key has no name. */
export type Session = {
  /** A member may see who they are, and nothing else. */
  role?: 'operator' | 'tenant-admin' | 'member';
  actor?: string;
  integrationId?: string | null;
  integrationName?: string | null;
  name?: string | null;
  userPrincipalName?: string | null;
  gate?: { text: string } | null;
  expiresAt?: string | null;
};
export type SignInChoices = {
  integrations: { integrationId: string; name: string; url: string }[];
  breakGlass: boolean;
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

/** Which ways in there are, for somebody who is not signed in; null: an API key only. */
export const useSignInChoices = () =>
  useQuery<SignInChoices | null, ApiError>({
    queryKey: ['sign-in'],
    queryFn: () =>
      call<SignInChoices>('GET', '/sign-in', { root: '' }).then(
        ({ body }) => body,
        () => null,
      ),
  });

export const openSession = (key: string): Promise<void> => enter('/session', { key });
export const breakGlass = (password: string): Promise<void> => enter('/session/break-glass', { password });

async function enter(path: string, body: Record<string, string>): Promise<void> {
  await call('POST', path, { body, root: '' });
  forgetAll();
  await queryClient.invalidateQueries({ queryKey: KEY });
}

/** Nothing of whoever was here stays in this window: neither what was read nor what was typed. */
function forgetAll(): void {
  forgetDrafts();
  queryClient.clear();
}

export async function endSession(): Promise<void> {
  await call('POST', '/session/end', { root: '' });
  forgetAll();
  queryClient.setQueryData(KEY, null);
}
