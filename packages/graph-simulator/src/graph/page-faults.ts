import type { FaultPlan, Faults } from '../faults.js';
import type { GraphAnswer, GraphRequest } from './request.js';
import { placeOf } from './request.js';

const KEPT = 1_000;

type Body = { readonly '@odata.nextLink'?: string; readonly value?: readonly unknown[] };

const rowsOf = ({ body, rows }: GraphAnswer): readonly string[] | null => {
  if (rows !== undefined) return rows;
  const value = (body as Body | undefined)?.value;
  return Array.isArray(value) ? value.map((row) => JSON.stringify(row)) : null;
};

const withRows = (answer: GraphAnswer, rows: readonly string[]): GraphAnswer => {
  const { value: _value, ...head } = answer.body as Body;
  return { ...answer, body: head, rows };
};

/** The same token stands for another page in another list. */
const keyOf = ({ caller, path }: GraphRequest, token: string) => `${caller.tenant.id} ${path} ${token}`;

/** Rows that get lost or come twice where one page ends and the next begins, and bodies that arrive broken. */
export const createPageFaults = (faults: Faults): ((answer: GraphAnswer, request: GraphRequest) => GraphAnswer) => {
  const doubled = new Map<string, { readonly row: string; readonly plan: FaultPlan }>();

  /** However often the page is read again, until another plan is set. */
  const repeatRow = (answer: GraphAnswer, request: GraphRequest): GraphAnswer => {
    const token = request.query.get('$skiptoken');
    const kept = token === null ? undefined : doubled.get(keyOf(request, token));
    if (kept?.plan !== faults.plan()) return answer;
    const { row } = kept;
    return withRows(answer, [row, ...(rowsOf(answer) ?? [])]);
  };

  const spoilRows = (answer: GraphAnswer, request: GraphRequest): GraphAnswer => {
    const next = (answer.body as Body | undefined)?.['@odata.nextLink'];
    const rows = rowsOf(answer);
    const last = rows?.at(-1);
    if (rows === null || next === undefined || last === undefined) return answer;
    if (faults.take('rowMissing', placeOf(request)) !== null) return withRows(answer, rows.slice(0, -1));
    if (faults.take('rowDoubled', placeOf(request)) === null) return answer;
    if (doubled.size >= KEPT) doubled.clear();
    const token = new URL(next).searchParams.get('$skiptoken') ?? '';
    doubled.set(keyOf(request, token), { row: last, plan: faults.plan() });
    return answer;
  };

  return (answer, request) => {
    if (answer.status !== 200 || answer.body === undefined) return answer;
    const paged = spoilRows(repeatRow(answer, request), request);
    if (faults.take('cutOffPage', placeOf(request)) !== null) return { ...paged, broken: 'cutOff' };
    return faults.take('malformedPage', placeOf(request)) === null ? paged : { ...paged, broken: 'malformed' };
  };
};
