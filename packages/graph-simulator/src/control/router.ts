import express from 'express';
import type { ErrorRequestHandler, Router } from 'express';
import { z } from 'zod';
import { Conflict } from '../tenant/conflict.js';
import { createSignInRoutes } from '../sign-in/control-routes.js';
import type { Control } from './control.js';
import { groupRoutes } from './group-routes.js';
import { NotFound } from './not-found.js';
import { toOpenApi } from './openapi.js';
import type { Route } from './route.js';
import { mount, route } from './route.js';
import { appRoutes, tenantRoutes, userRoutes } from './tenant-routes.js';
import { worldRoutes } from './world-routes.js';

/** A problem names the field, what is wrong and so what to change. */
const toProblems = ({ issues }: z.ZodError) =>
  issues.map(({ path, message }) => ({ field: path.join('.') || '(body)', problem: message }));

/** What the body parser refuses: too much, or no JSON. */
const unreadable = (error: unknown): { status: number; body: object } | null => {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) return { status, body: { error: 'too large', message: 'the body is larger than 1 MB.' } };
  if (status !== 400) return null;
  return { status, body: { error: 'invalid', problems: [{ field: '(body)', problem: 'is not JSON' }] } };
};

const onError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (error instanceof z.ZodError) response.status(400).json({ error: 'invalid', problems: toProblems(error) });
  else if (error instanceof NotFound) response.status(404).json({ error: 'not found', message: error.message });
  else if (error instanceof Conflict) response.status(409).json({ error: 'conflict', message: error.message });
  else {
    const answer = unreadable(error);
    if (answer === null) next(error);
    else response.status(answer.status).json(answer.body);
  }
};

export const controlRoutes = (control: Control): Route[] => {
  const routes: Route[] = [
    ...worldRoutes(control),
    ...tenantRoutes(control),
    ...userRoutes(control),
    ...groupRoutes(control),
    ...appRoutes(control),
    ...createSignInRoutes(control),
    route({
      method: 'get',
      path: '/openapi.json',
      tag: 'world',
      summary: 'This document.',
      answer: z.looseObject({ openapi: z.string() }),
      run: (): object => toOpenApi(routes),
    }),
  ];
  return routes;
};

/** JSON, without sign-in: whoever reaches it rules the simulator, so keep it on loopback. */
export const createControlRouter = (control: Control): Router => {
  const router = express.Router();
  router.use(express.json({ limit: '1mb' }));
  mount(router, controlRoutes(control));
  router.use(({ method, originalUrl }) => {
    throw new NotFound(`${method} ${originalUrl} is no call of control; see GET /_simulator/openapi.json.`);
  });
  router.use(onError);
  return router;
};
