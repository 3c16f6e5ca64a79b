import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { FinishedFlow, FlowKind, Flows } from './flows.js';
import { sendTrouble } from './trouble-page.js';

/** Takes one kind of flow back; reads the rest of the query itself and answers the browser. */
export type CallbackHandler = (request: Request, response: Response, flow: FinishedFlow) => Promise<void>;
export type CallbackOptions = { flows: Flows; handlers: Readonly<Partial<Record<FlowKind, CallbackHandler>>> };

export const CALLBACK_PATH = '/oauth2callback/microsoft';

const query = z.object({ state: z.string().max(2_048) });

/** The one redirect URI of the seed page: whoever began the flow takes it back. */
export function createCallbackRouter({ flows, handlers }: CallbackOptions): Router {
  const router = Router();
  router.get(CALLBACK_PATH, async (request, response) => {
    const given = query.safeParse(request.query);
    const flow = given.success ? await flows.finish(request, given.data.state) : null;
    if (flow) response.append('Set-Cookie', flows.toClearCookie(flow.flowId));
    const handler = flow && handlers[flow.kind];
    if (handler) await handler(request, response, flow);
    else
      sendTrouble(response, {
        status: 400,
        text: 'This was begun in another browser, took longer than 10 minutes, or was finished already.',
        again: '/',
      });
  });
  return router;
}
