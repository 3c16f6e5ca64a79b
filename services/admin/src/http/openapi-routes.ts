import { z } from 'zod';
import { toOpenApiPage, OPENAPI_STYLE } from './openapi-page.js';
import { toOpenApi } from './openapi.js';
import { defineRoute, type Route } from './route.js';

/** The API about itself, for programs and for people; `routes` are asked at the moment of use, these among them. */
export const openApiRoutes = (routes: () => readonly Route[], publicUrl: string): Route[] => [
  defineRoute({
    method: 'get',
    path: '/openapi.json',
    summary: 'This document',
    tag: 'about',
    answer: { status: 200, description: 'OpenAPI 3.1.', schema: z.looseObject({ openapi: z.literal('3.1.0') }) },
    handle: () => Promise.resolve({ body: toOpenApi(routes(), publicUrl) }),
  }),
  defineRoute({
    method: 'get',
    path: '/docs',
    summary: 'The same as a page',
    tag: 'about',
    answer: { status: 200, description: 'A page without script.', schema: z.string(), types: ['text/html'] },
    handle: () =>
      Promise.resolve({
        headers: { 'Content-Type': 'text/html; charset=utf-8' },
        send: (response) => {
          response.send(toOpenApiPage(toOpenApi(routes(), publicUrl), 'docs.css'));
          return Promise.resolve();
        },
      }),
  }),
  defineRoute({
    method: 'get',
    path: '/docs.css',
    summary: 'How that page looks',
    tag: 'about',
    answer: { status: 200, description: 'A style sheet.', schema: z.string(), types: ['text/css'] },
    handle: () =>
      Promise.resolve({
        headers: { 'Content-Type': 'text/css; charset=utf-8' },
        send: (response) => {
          response.send(OPENAPI_STYLE);
          return Promise.resolve();
        },
      }),
  }),
];
