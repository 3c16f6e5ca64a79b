import { z } from 'zod';
import type { Dispatch, Incoming } from './dispatch.js';
import { GraphFault, badRequest, toErrorBody } from './fault.js';
import { toContent } from './request.js';

const LARGEST_BATCH = 20;

const partSchema = z.object({
  id: z.string().min(1),
  method: z.string().transform((method) => method.toUpperCase()),
  url: z.string().min(1),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
  dependsOn: z.array(z.string()).optional(),
});
const batchSchema = z.object({ requests: z.array(partSchema).min(1) });
type Part = z.infer<typeof partSchema>;
type PartAnswer = { id: string; status: number; headers: Record<string, string>; body?: unknown };

const readParts = (body: unknown): Part[] => {
  const parsed = batchSchema.safeParse(body);
  if (!parsed.success) throw badRequest('Invalid batch payload format.', 'BadRequest');
  const { requests } = parsed.data;
  if (requests.length > LARGEST_BATCH)
    throw badRequest(`Number of batch requests exceeds the maximum of ${LARGEST_BATCH}.`, 'BadRequest');
  const ids = new Set(requests.map(({ id }) => id));
  if (ids.size < requests.length) throw badRequest('Duplicate request ids are not allowed in a batch.', 'BadRequest');
  if (requests.some(({ dependsOn }) => dependsOn?.some((id) => !ids.has(id))))
    throw badRequest('dependsOn names a request that is not in the batch.', 'BadRequest');
  return requests;
};

const BASE = 'https://batch.invalid';

const toIncoming = (part: Part, outer: Incoming): Incoming => {
  const address = part.url.replace(/^\/?/, '/');
  if (!URL.canParse(address, BASE)) throw badRequest(`The url '${part.url}' cannot be read.`, 'BadRequest');
  const url = new URL(address, BASE);
  const headers = new Map(Object.entries(part.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    ...outer,
    method: part.method,
    path: url.pathname.replace(/^\/v1\.0(?=\/)/, ''),
    query: url.searchParams,
    header: (name) => headers.get(name),
    body: part.body,
  };
};

const JSON_HEADERS = { 'Cache-Control': 'no-cache', 'Content-Type': 'application/json' };

export type ErrorIds = () => { date: string; requestId: string; clientRequestId: string };

/** Runs what depends on nothing open, round by round; answers stand in any order (contract 7, Batching). */
export const runBatch = async (
  outer: Incoming,
  { dispatch, errorIds, shuffle }: { dispatch: Dispatch; errorIds: ErrorIds; shuffle: <T>(list: T[]) => T[] },
): Promise<{ responses: PartAnswer[] }> => {
  const answers = new Map<string, PartAnswer>();
  const fail = (id: string, fault: GraphFault): PartAnswer => ({
    id,
    status: fault.status,
    headers: { ...JSON_HEADERS, ...fault.headers },
    body: toErrorBody(fault, errorIds()),
  });
  const run = async (part: Part): Promise<PartAnswer> => {
    if (part.dependsOn?.some((id) => (answers.get(id)?.status ?? 0) >= 400))
      return fail(part.id, new GraphFault(424, 'FailedDependency', 'A request that this one depends on failed.'));
    try {
      const answer = await dispatch(toIncoming(part, outer));
      const headers = { ...JSON_HEADERS, ...answer.headers };
      return { id: part.id, status: answer.status, headers, body: toContent(answer) };
    } catch (error) {
      if (error instanceof GraphFault) return fail(part.id, error);
      throw error;
    }
  };
  let open = readParts(outer.body);
  while (open.length > 0) {
    const ready = open.filter(({ dependsOn }) => dependsOn?.every((id) => answers.has(id)) ?? true);
    if (ready.length === 0)
      throw badRequest('The requests of the batch depend on each other in a circle.', 'BadRequest');
    for (const answer of await Promise.all(ready.map(run))) answers.set(answer.id, answer);
    open = open.filter(({ id }) => !answers.has(id));
  }
  return { responses: shuffle([...answers.values()]) };
};
