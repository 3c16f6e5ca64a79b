import { createContext } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { queryClient, refreshIdle } from './queries.js';

/** True while server-sent events come in. */
export const LiveContext = createContext(false);

const CHANGED_EVERY_MS = 1_000;
const TRY_AGAIN_MS = 60_000;

/** Follows /api/v1/stream and asks again for what it says has changed; false: the pages poll. */
export function useStream(wanted: boolean): boolean {
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    if (!wanted) return undefined;
    let source: EventSource | null = null;
    let retry: ReturnType<typeof setTimeout> | undefined;
    const queue = createQueue();
    const connect = (): void => {
      source = new EventSource('/api/v1/stream');
      source.addEventListener('open', () => setOpen(true));
      source.addEventListener('status', () => queue.add('/status', '/integrations/'));
      source.addEventListener('change', () => queue.add('/status', '/users', '/plans', '/integrations'));
      // The session has ended: what is open says so at once.
      source.addEventListener('cut', () => void queryClient.invalidateQueries());
      source.addEventListener('error', () => {
        setOpen(false);
        // The browser connects again by itself, but for good after an answer that is no stream.
        if (source?.readyState === EventSource.CLOSED) retry = setTimeout(connect, TRY_AGAIN_MS);
      });
    };
    connect();
    return () => {
      source?.close();
      clearTimeout(retry);
      queue.stop();
    };
  }, [wanted]);
  return isOpen;
}

/** Many changes at once become one question. */
function createQueue() {
  const prefixes = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const flush = (): void => {
    timer = undefined;
    const wanted = [...prefixes];
    prefixes.clear();
    add(...refreshIdle(...wanted));
  };
  const add = (...more: string[]): void => {
    for (const prefix of more) prefixes.add(prefix);
    if (prefixes.size > 0) timer ??= setTimeout(flush, CHANGED_EVERY_MS);
  };
  return {
    add,
    stop: (): void => clearTimeout(timer),
  };
}
