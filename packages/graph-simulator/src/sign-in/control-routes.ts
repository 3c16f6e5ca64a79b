import type { Route } from '../control/route.js';
import { route } from '../control/route.js';
import type { SignInControl } from './control.js';
import {
  appAnswer,
  appSchema,
  certificateSchema,
  consentQuery,
  newAppAnswer,
  personAnswer,
  personSchema,
  policyAnswer,
  policySchema,
  registrationSchema,
  revocationSchema,
  rotationAnswer,
  rotationSchema,
  signInAnswer,
  tenantPolicySchema,
} from './control-schemas.js';

const tag = 'Sign-in';
const APP = '/tenants/{tenant}/apps/{client}';
type Params = Readonly<Record<string, string>>;
const inTenant = ({ tenant = '' }: Params) => [tenant] as const;
const ofApp = ({ tenant = '', client = '' }: Params) => [tenant, client] as const;
const ofUser = ({ tenant = '', user = '' }: Params) => [tenant, user] as const;

const appRoutes = (control: SignInControl): Route[] => [
  route({
    ...{ method: 'post', path: '/tenants/{tenant}/apps', tag, summary: 'Register a further app' },
    ...{ body: appSchema, answer: newAppAnswer, status: 201 },
    run: ({ params, body }) => control.registerApp(...inTenant(params), body),
  }),
  route({
    ...{ method: 'patch', path: `${APP}/registration`, tag },
    summary: 'Change addresses, delegated permissions, audience, group claims or token lifetime of an app',
    ...{ body: registrationSchema, answer: appAnswer },
    run: ({ params, body }) => control.updateRegistration(...ofApp(params), body),
  }),
  route({
    ...{ method: 'post', path: `${APP}/certificates`, tag, summary: 'Register a certificate that signs assertions' },
    ...{ body: certificateSchema, answer: appAnswer, status: 201 },
    run: ({ params, body }) => control.addCertificate(...ofApp(params), body),
  }),
  route({
    ...{ method: 'delete', path: `${APP}/certificates/{key}`, tag, summary: 'Remove a certificate' },
    run: ({ params }) => control.removeCertificate(...ofApp(params), params['key'] ?? ''),
  }),
  route({
    ...{ method: 'put', path: `${APP}/consent`, tag, summary: 'Consent for everyone, as an administrator does' },
    answer: appAnswer,
    run: ({ params }) => control.grantConsent(...ofApp(params)),
  }),
  route({
    ...{ method: 'delete', path: `${APP}/consent`, tag, summary: "Revoke one person's consent, or all there is" },
    ...{ query: consentQuery, answer: appAnswer },
    run: ({ params, query }) => control.revokeConsent(...ofApp(params), query.user),
  }),
];

/** What control can do about signing in; its OpenAPI document is made of the same. */
export const createSignInRoutes = (control: SignInControl): Route[] => [
  route({
    ...{ method: 'get', path: '/tenants/{tenant}/sign-in', tag },
    summary: 'Administrators, apps with their credentials and consents, and who asked for approval',
    answer: signInAnswer,
    run: ({ params }) => control.describeSignIn(...inTenant(params)),
  }),
  route({
    ...{ method: 'patch', path: '/tenants/{tenant}/sign-in', tag, summary: 'Set the sign-in policy of a tenant' },
    ...{ body: tenantPolicySchema, answer: signInAnswer },
    run: ({ params, body }) => control.setTenantPolicy(...inTenant(params), body),
  }),
  ...appRoutes(control),
  route({
    ...{ method: 'patch', path: '/tenants/{tenant}/users/{user}/sign-in', tag },
    summary: 'Give directory roles, or keep a person out by conditional access',
    ...{ body: personSchema, answer: personAnswer },
    run: ({ params, body }) => control.setPerson(...ofUser(params), body),
  }),
  route({
    ...{ method: 'post', path: '/tenants/{tenant}/users/{user}/revoke', tag },
    summary: 'Make refresh tokens and sessions of a person void, or (refreshTokens) those tokens alone',
    ...{ body: revocationSchema, answer: personAnswer },
    run: ({ params, body }) => control.revokeSignIns(...ofUser(params), body.reason),
  }),
  route({
    ...{ method: 'patch', path: '/sign-in', tag, summary: 'Refuse replayed assertions; let the token endpoint fail' },
    ...{ body: policySchema, answer: policyAnswer },
    run: ({ body }) => control.setSignInPolicy(body),
  }),
  route({
    ...{ method: 'post', path: '/keys', tag, summary: 'Rotate the signing key; the old one stays published a while' },
    ...{ body: rotationSchema, answer: rotationAnswer, status: 201 },
    run: ({ body }) => control.rotateSigningKey(body),
  }),
];
