import { ApiError } from '../api/client.js';
import { refresh } from '../api/queries.js';
import { Message } from '../parts/basics.js';

/** Another admin saved first: what they saved is asked for, so that the page can tell it. */
export async function seeCollision<T>(saving: Promise<T>): Promise<T> {
  try {
    return await saving;
  } catch (error) {
    if (error instanceof ApiError && error.status === 412) await refresh('/integrations');
    throw error;
  }
}

/** In place of the save button: one sentence, one button; what is typed stays. */
export const Collision = ({ text, button, settle }: { text: string; button: string; settle: () => void }) => (
  <Message
    level="problem"
    action={
      <button type="button" class="button small" onClick={settle}>
        {button}
      </button>
    }
  >
    {text}
  </Message>
);

export const DraftCollision = ({ catchUp }: { catchUp: () => void }) => (
  <Collision
    text="Somebody else saved this integration since you began to type: fields that you did not touch show what they saved."
    button="Go on with my changes"
    settle={catchUp}
  />
);
