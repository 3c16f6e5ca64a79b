import { timingSafeEqual } from 'node:crypto';
import type { App } from '../tenant/app.js';
import type { World } from '../world.js';
import { ASSERTION_TYPE, verifyAssertion } from './client-assertion.js';
import { FAULTS } from './entra-fault.js';

const same = (a: string, b: string) => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

export type Credential = {
  readonly secret: string | undefined;
  readonly assertion: string | undefined;
  readonly assertionType: string | undefined;
  /** What an assertion may name as its audience; the token endpoint first. */
  readonly audiences: readonly string[];
};

const verifySecret = ({ secrets, clientId }: App, { secret, at }: { secret: string; at: number }) => {
  const known = secrets.find(({ text, startsAt }) => startsAt <= at && same(text, secret));
  if (known === undefined) throw FAULTS.wrongSecret(clientId);
  if (known.endsAt <= at) throw FAULTS.expiredSecret(clientId);
};

/** That the caller is this app: by one of its secrets, which may be several for rotation, or one of its certificates. */
export const authenticateApp = async (
  world: Pick<World, 'clock' | 'signIn'>,
  registration: App,
  { secret, assertion, assertionType, audiences }: Credential,
): Promise<void> => {
  const { clientId, certificates } = registration;
  if (assertion) {
    if (assertionType !== ASSERTION_TYPE) throw FAULTS.assertionType(assertionType ?? '');
    await verifyAssertion(world, { assertion, clientId, certificates, audiences });
  } else if (secret) verifySecret(registration, { secret, at: world.clock.now() });
  else throw FAULTS.noCredential();
};
