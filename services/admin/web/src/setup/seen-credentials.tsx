import { useState } from 'preact/hooks';
import { isSameCredentials, type Credentials } from '../domain/credentials.js';
import type { Action } from '../parts/actions.js';
import { Failed } from '../parts/basics.js';
import { Collision } from './collision.js';

export type Seen = {
  /** The first key: what is shown now is what the person goes by. */
  begin: () => void;
  /** Saved or given up. */
  end: () => void;
  /** Somebody else changed the secrets since: saving waits until that was seen. */
  outdated: boolean;
};

export function useSeen(shown: Credentials): Seen & { catchUp: () => void } {
  const [seen, setSeen] = useState<Credentials | null>(null);
  return {
    begin: () => setSeen((before) => before ?? shown),
    end: () => setSeen(null),
    outdated: seen !== null && !isSameCredentials(seen, shown),
    catchUp: () => setSeen(shown),
  };
}

type Props = { seen: ReturnType<typeof useSeen>; saving: Action };

/** Why it was not saved: another's change first, which explains a refusal. */
export function SeenProblem({ seen, saving }: Props) {
  if (seen.outdated && !saving.isRunning)
    return (
      <Collision
        text="The secrets were changed since you began to type: look at what is kept now. What you typed is still here."
        button="Go on with mine"
        settle={seen.catchUp}
      />
    );
  return saving.error && <Failed error={saving.error} />;
}
