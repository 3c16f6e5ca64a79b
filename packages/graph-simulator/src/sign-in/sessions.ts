import { randomBytes } from 'node:crypto';
import type { Request, Response } from 'express';
import type { World } from '../world.js';
import type { Account, Session } from './state.js';
import { addEnding } from './state.js';

// Two names, as a browser shares cookies between http and https of one host, and keeps secure ones to https.
const nameFor = ({ secure }: Request) => (secure ? '__Host-simulated-entra' : 'simulated-entra');

const readCookie = (request: Request): string | undefined => {
  const name = `${nameFor(request)}=`;
  const found = (request.get('cookie') ?? '').split(';').find((part) => part.trim().startsWith(name));
  return found?.trim().slice(name.length);
};

export const findSession = ({ signIn, clock }: World, request: Request): Session | undefined => {
  const session = signIn.sessions.get(readCookie(request) ?? '');
  return session !== undefined && session.expiresAt > clock.now() ? session : undefined;
};

/** This browser's session; a new one is set as a cookie. */
export const obtainSession = (world: World, request: Request, response: Response): Session => {
  const known = findSession(world, request);
  if (known !== undefined) return known;
  const { signIn, clock } = world;
  const now = clock.now();
  const id = randomBytes(24).toString('base64url');
  const entry: Session = { id, accounts: [], expiresAt: now + signIn.lifetimes.session };
  response.cookie(nameFor(request), id, { httpOnly: true, sameSite: 'lax', secure: request.secure, path: '/' });
  return addEnding(signIn.sessions, id, { entry, now });
};

export const rememberAccount = (session: Session, account: Account): void => {
  session.accounts = [account, ...session.accounts.filter(({ userId }) => userId !== account.userId)];
};
