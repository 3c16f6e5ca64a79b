import type { ErrorRequestHandler } from 'express';

/** Told what went wrong in the simulator itself, and with which call. */
export type OnFailure = (error: unknown, call: string) => void;

const statusOf = (error: unknown): number => {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
};

/** For what no router has an answer to: no stack of this process leaves it. */
export const createLastResort = (onFailure: OnFailure): ErrorRequestHandler => {
  // Express knows a handler of errors by its four parameters.
  return (error: unknown, request, response, _next) => {
    const status = statusOf(error);
    if (status === 500) onFailure(error, `${request.method} ${request.path}`);
    const message = status === 500 ? 'The simulator failed; its log says why.' : 'The request cannot be read.';
    response.status(status).json({ error: status === 500 ? 'failed' : 'invalid', message });
  };
};
