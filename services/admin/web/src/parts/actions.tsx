import type { ComponentChildren } from 'preact';
import { useContext, useRef, useState } from 'preact/hooks';
import { createContext } from 'preact';
import { ApiError } from '../api/client.js';

/** Says something in passing, also to screen readers. */
export const ToastContext = createContext<(text: string) => void>(() => undefined);
export const useToast = () => useContext(ToastContext);

export type Action = { isRunning: boolean; error: ApiError | null; run: () => Promise<void>; forget: () => void };

/** Something that a person sets off: one at a time, with its failure kept to be shown. */
export function useAction(work: () => Promise<unknown>): Action {
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const run = async (): Promise<void> => {
    if (isRunning) return;
    setRunning(true);
    setError(null);
    try {
      await work();
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      setError(failure);
    } finally {
      setRunning(false);
    }
  };
  return { isRunning, error, run, forget: () => setError(null) };
}

export type ButtonProps = {
  action: Action;
  children: ComponentChildren;
  kind?: 'primary' | 'danger' | 'quiet' | 'plain';
  small?: boolean;
  busy?: string;
};

/** Stays focusable while it works: a button that turns `disabled` loses the focus. */
export const ActionButton = ({ action, children, kind = 'plain', small = false, busy = 'Working …' }: ButtonProps) => (
  <button
    type="button"
    class={`button ${kind} ${small ? 'small' : ''}`}
    aria-disabled={action.isRunning}
    onClick={() => void action.run()}
  >
    {action.isRunning ? busy : children}
  </button>
);

/** A value to take along, with a button. */
export function CopyValue({ value, label }: { value: string; label: string }) {
  const toast = useToast();
  const shown = useRef<HTMLElement>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value);
      toast(`${label} is copied.`);
    } catch {
      // Without https there is no clipboard for pages, and a person may have forbidden it.
      if (shown.current) getSelection()?.selectAllChildren(shown.current);
      toast('The browser lets no page copy here: it is marked, copy it by the keyboard.');
    }
  };
  return (
    <div class="copy">
      <code ref={shown}>{value}</code>
      <button type="button" class="button small" aria-label={`Copy ${label}`} onClick={() => void copy()}>
        Copy
      </button>
    </div>
  );
}
