import { createBrowser, fetchSend, type Send } from '@muster/test-support';
import type { TrueUser } from '../src/simulator-client.js';

/** Somebody signed in at admin, with a live page open. */
export type Visitor = {
  /** When the open page was cut, ms since epoch; undefined as long as it is open. */
  cutAt: () => number | undefined;
  /** Whether a request with the session is still answered. */
  isSignedIn: () => Promise<boolean>;
  close: () => void;
};
type Person = Pick<TrueUser, 'id' | 'userPrincipalName'>;

const SESSION = /^(muster-session=[^;]+)/;

/** Through the integration's own address to Microsoft and back, as a browser without script. */
export async function signIn(admin: string, integrationId: string, person: Person): Promise<Visitor> {
  let session = '';
  const send: Send = async (method, address, call) => {
    const answer = await fetchSend(method, address, call);
    for (const line of answer.cookies) session = SESSION.exec(line)?.[1] ?? session;
    return answer;
  };
  const atAdmin = createBrowser(send);
  const atMicrosoft = createBrowser(fetchSend);
  await atMicrosoft.open((await atAdmin.open(`${admin}/sign-in/${integrationId}`)).address);
  await atMicrosoft.choose(person.id, person.userPrincipalName);
  if (!atMicrosoft.place().address.startsWith(admin)) await atMicrosoft.decide('accept');
  await atAdmin.open(atMicrosoft.place().address);
  const isSignedIn = async (): Promise<boolean> =>
    (await fetch(`${admin}/api/v1/session`, { headers: { cookie: session } })).status === 200;
  if (!(await isSignedIn())) throw new Error(`${person.userPrincipalName} did not come in: ${atAdmin.place().text}`);
  return { ...(await openPage(admin, session)), isSignedIn };
}

async function openPage(admin: string, cookie: string): Promise<Pick<Visitor, 'cutAt' | 'close'>> {
  const closing = new AbortController();
  const { status, body } = await fetch(`${admin}/api/v1/stream`, { headers: { cookie }, signal: closing.signal });
  if (status !== 200 || !body) throw new Error(`the stream answers ${status}`);
  let cutAt: number | undefined;
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const piece of body) if (/^event: cut/m.test(decoder.decode(piece as Uint8Array))) break;
    cutAt = Date.now();
  };
  // Closing it ends the read badly.
  read().catch(() => undefined);
  return { cutAt: () => cutAt, close: () => closing.abort() };
}
