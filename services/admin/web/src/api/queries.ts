import { keepPreviousData, notifyManager, QueryClient, useQuery, type UseQueryResult } from '@tanstack/preact-query';
import { useContext } from 'preact/hooks';
import { ApiError, call, get, type Answer } from './client.js';
import { LiveContext } from './live.js';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Refused is refused; what is away is asked again by the next turn.
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiError && error.status < 500 && error.status > 0),
      retryDelay: 1_000,
      staleTime: 1_000,
      gcTime: 120_000,
    },
  },
});

/** While the stream tells of changes, polling is a safety net only. */
const SAFETY_NET_MS = 30_000;

export type GetOptions = {
  /** Ask again this often, in ms, while the page is looked at. */
  every?: number;
  /** Show the last answer while the next one, of other parameters, is on its way. */
  keep?: boolean;
};

/** What is under a path of the API; null asks nothing. A part of the key is the path, so that `refresh` finds it. */
export function useGet<T>(path: string | null, { every, keep = false }: GetOptions = {}): UseQueryResult<T, ApiError> {
  const isLive = useContext(LiveContext);
  return useQuery<T, ApiError>({
    queryKey: [path],
    queryFn: ({ signal }) => get<T>(path ?? '', signal),
    enabled: path !== null,
    refetchInterval: every === undefined ? false : isLive ? Math.max(every, SAFETY_NET_MS) : every,
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  });
}

/** The same with its ETag, for what is sent back changed. */
export const useAnswer = <T>(path: string): UseQueryResult<Answer<T>, ApiError> =>
  useQuery<Answer<T>, ApiError>({
    queryKey: [path, 'with ETag'],
    queryFn: ({ signal }) => call<T>('GET', path, { signal }),
  });

const under = (...prefixes: string[]) => ({
  predicate: ({ queryKey: [path] }: { queryKey: readonly unknown[] }): boolean =>
    typeof path === 'string' && prefixes.some((prefix) => path.startsWith(prefix)),
});

/** Asks again for everything whose path starts with one of these; resolves when the page has it. */
export async function refresh(...prefixes: string[]): Promise<void> {
  await queryClient.invalidateQueries(under(...prefixes));
  // Components hear of an answer a turn behind the promise: whoever forgets a draft now would show the old one for a blink.
  await new Promise<void>((resolve) => notifyManager.schedule(resolve));
}

/**
 * The same for what is not being asked just now: where changes come faster than answers, no answer would ever come.
 * Says which of the prefixes that was.
 */
export function refreshIdle(...prefixes: string[]): string[] {
  const busy = prefixes.filter((prefix) => queryClient.isFetching(under(prefix)) > 0);
  void refresh(...prefixes.filter((prefix) => !busy.includes(prefix)));
  return busy;
}

/** The service does not have this route (yet): the part that needs it is left out. */
export const isAbsent = (error: ApiError | null): boolean => error?.status === 404 || error?.status === 405;

type Operations = Record<string, { summary?: string }>;

const useOpenApi = () =>
  useQuery<{ paths: Record<string, Operations> }, ApiError>({
    queryKey: ['/openapi.json'],
    queryFn: ({ signal }) => get('/openapi.json', signal),
    staleTime: Infinity,
  });

/** What a call does in words, by `post /integrations/{integrationId}/start`. */
export function useSummaries(): ReadonlyMap<string, string> {
  const { data } = useOpenApi();
  const all = Object.entries(data?.paths ?? {}).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { summary = '' }]) => [`${method} ${path}`, summary] as const),
  );
  return new Map(all);
}

/** Whether this service has a route: parts whose route is not there are left out. */
export function useHasRoute(path: string): boolean {
  const document = useOpenApi();
  return Object.keys(document.data?.paths ?? {}).some((known) => known === path || known === `/api/v1${path}`);
}
