import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Faults } from './faults.js';
import { FAULTS, toEntraBody } from './sign-in/entra-fault.js';

const TOKEN_PATH = /^\/([^/]+)\/oauth2\/v2\.0\/token$/;

/** Token requests that fail because a rule says so: the secret is wrong, or has expired. */
export const createSignInFaults =
  (faults: Faults, now: () => number): RequestHandler =>
  (request, response, next) => {
    const tenantId = TOKEN_PATH.exec(request.path)?.[1]?.toLowerCase();
    if (tenantId === undefined || request.method !== 'POST') {
      next();
      return;
    }
    const place = { tenantId, path: request.path };
    const fault =
      faults.take('wrongSecret', place) === null
        ? faults.take('expiredSecret', place) && FAULTS.expiredSecret('of this registration')
        : FAULTS.wrongSecret('of this registration');
    if (fault === null) {
      next();
      return;
    }
    const ids = { trace: randomUUID(), correlation: request.get('client-request-id') ?? randomUUID() };
    response.status(fault.status).json(toEntraBody(fault, { at: now(), ids }));
  };
