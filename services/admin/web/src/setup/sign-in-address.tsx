import { toSignInAddress } from '../domain/setup-values.js';
import { CopyValue } from '../parts/actions.js';

type Props = { redirectUri: string; integrationId: string; userSync: boolean };

/** The integration's own sign-in address, to be given to its people: no page lists it to strangers. */
export const SignInAddress = ({ redirectUri, integrationId, userSync }: Props) =>
  userSync ? (
    <div class="stack-s">
      <CopyValue value={toSignInAddress(redirectUri, integrationId)} label="Sign-in address" />
      <p class="small soft">Give it to everyone in scope and to the administrators: each integration has its own.</p>
    </div>
  ) : (
    <p class="soft">Nobody signs in here: signing in needs User Sync, which is off.</p>
  );
