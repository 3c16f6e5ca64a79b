/** An answer of Graph that is an error; everything below the HTTP shell throws it. */
export class GraphFault extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'GraphFault';
  }
}

export const badRequest = (message: string, code = 'Request_BadRequest') => new GraphFault(400, code, message);

export const unsupportedQuery = (message: string) => new GraphFault(400, 'Request_UnsupportedQuery', message);

export const resourceNotFound = (id: string) =>
  new GraphFault(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );

export const accessDenied = () =>
  new GraphFault(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');

export const tooManyRequests = (headers: Readonly<Record<string, string>>) =>
  new GraphFault(429, 'TooManyRequests', 'Please retry again later.', headers);

/** Contract 1.5: branch on status and code, never on the text. */
export const toErrorBody = (fault: GraphFault, ids: { date: string; requestId: string; clientRequestId: string }) => ({
  error: {
    code: fault.code,
    message: fault.message,
    innerError: {
      // Throttling has a form of its own (contract 7).
      ...(fault.code === 'TooManyRequests' && { code: '429', message: 'Please retry after', status: '429' }),
      date: ids.date,
      'request-id': ids.requestId,
      'client-request-id': ids.clientRequestId,
    },
  },
});
