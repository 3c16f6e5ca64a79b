import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';

export const ClockContext = createContext(new Date());

/** The time that "12 s ago" counts from; moves on each second. */
export const useNow = (): Date => useContext(ClockContext);

export function useTicking(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNow(new Date());
    }, 1_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
