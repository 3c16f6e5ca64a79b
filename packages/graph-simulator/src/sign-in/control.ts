import { X509Certificate, createHash, randomUUID } from 'node:crypto';
import { createRandom } from '../random.js';
import type { App, Certificate } from '../tenant/app.js';
import { NEW_APP } from '../tenant/app.js';
import { Conflict } from '../tenant/conflict.js';
import type { Tenant } from '../tenant/tenant.js';
import type { User } from '../tenant/user.js';
import type { World } from '../world.js';
import { recordAdminConsent } from './consent.js';
import type {
  AppInput,
  PersonInput,
  PolicyInput,
  Registration,
  Revocation,
  TenantPolicyInput,
} from './control-schemas.js';
import { adminsOf, editPerson, personOf, policyOf } from './directory-roles.js';
import { revokeRefreshTokens } from './grants.js';
import { publishedKeys, rotateKeys } from './signing-keys.js';

const DAY = 86_400_000;
const SECRET_DAYS = 180;

type Tools = {
  readonly world: World;
  readonly findTenant: (tenantId: string) => Tenant;
  readonly findUser: (tenant: Tenant, idOrName: string) => User;
  readonly findApp: (tenant: Tenant, clientId: string) => App;
  readonly edited: <T>(result: T) => T;
  /** Consent was changed: deliveries that rested on it wait. */
  readonly onConsent: (tenant: Tenant, clientId: string) => void;
};

const toTime = (at: number) => new Date(at).toISOString();

export const describeApp = (app: App) => ({
  clientId: app.clientId,
  displayName: app.displayName,
  homeTenantId: app.homeTenantId,
  enabled: app.enabled,
  audience: app.audience,
  redirectUris: app.redirectUris,
  spaRedirectUris: app.spaRedirectUris,
  requested: app.requested,
  granted: app.granted,
  requestedScopes: app.requestedScopes,
  grantedScopes: app.grantedScopes,
  userConsents: app.userConsents,
  groupClaims: app.groupClaims,
  accessTokenSeconds: app.accessTokenSeconds,
  secrets: app.secrets.map(({ keyId, displayName, startsAt, endsAt }) => ({
    keyId,
    displayName,
    startsAt: toTime(startsAt),
    endsAt: toTime(endsAt),
  })),
  certificates: app.certificates.map(({ keyId, displayName, sha1, sha256, startsAt, endsAt }) => ({
    keyId,
    displayName,
    x5t: sha1,
    'x5t#S256': sha256,
    startsAt: toTime(startsAt),
    endsAt: toTime(endsAt),
  })),
});

const readCertificate = (pem: string, displayName: string): Certificate => {
  let parsed: X509Certificate;
  try {
    parsed = new X509Certificate(pem);
  } catch {
    throw new Conflict('pem is not a certificate; give the whole text from BEGIN CERTIFICATE to END CERTIFICATE.');
  }
  const thumbprint = (algorithm: string) => createHash(algorithm).update(parsed.raw).digest('base64url');
  return {
    keyId: randomUUID(),
    displayName,
    pem: parsed.toString(),
    sha1: thumbprint('sha1'),
    sha256: thumbprint('sha256'),
    startsAt: Date.parse(parsed.validFrom),
    endsAt: Date.parse(parsed.validTo),
  };
};

const registerApp = (tenant: Tenant, { displayName, ...given }: AppInput, at: number) => {
  const random = createRandom(randomUUID());
  const text = `${random.text(3)}8Q~${random.text(34)}`;
  const secret = { keyId: randomUUID(), displayName: 'first', text, startsAt: at, endsAt: at + SECRET_DAYS * DAY };
  const app: App = {
    ...NEW_APP,
    clientId: randomUUID(),
    objectId: randomUUID(),
    principalId: randomUUID(),
    displayName,
    createdAt: at,
    enabled: true,
    secrets: [secret],
    requested: [],
    granted: [],
  };
  Object.assign(app, given);
  tenant.apps.set(app.clientId, app);
  return { ...describeApp(app), clientSecret: text };
};

/** The part of control that is about apps and their credentials and consents. */
const createAppControl = ({ world, findTenant, findApp, edited, onConsent }: Tools) => ({
  registerApp: (tenantId: string, input: AppInput) =>
    edited(registerApp(findTenant(tenantId), input, world.clock.now())),
  updateRegistration: (tenantId: string, clientId: string, given: Registration) => {
    const app = findApp(findTenant(tenantId), clientId);
    Object.assign(app, Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)));
    return edited(describeApp(app));
  },
  addCertificate: (tenantId: string, clientId: string, { pem, displayName }: { pem: string; displayName: string }) => {
    const app = findApp(findTenant(tenantId), clientId);
    app.certificates = [readCertificate(pem, displayName), ...app.certificates];
    return edited(describeApp(app));
  },
  removeCertificate: (tenantId: string, clientId: string, keyId: string) => {
    const app = findApp(findTenant(tenantId), clientId);
    app.certificates = app.certificates.filter((certificate) => certificate.keyId !== keyId);
    edited(undefined);
  },
  /** As an administrator does on the consent page, for everyone. */
  grantConsent: (tenantId: string, clientId: string) => {
    const app = findApp(findTenant(tenantId), clientId);
    recordAdminConsent(app, app);
    return edited(describeApp(app));
  },
  /** Of one person, or all there is: everybody's, the administrator's and the app's own. */
  revokeConsent: (tenantId: string, clientId: string, userId?: string) => {
    const tenant = findTenant(tenantId);
    const app = findApp(tenant, clientId);
    const kept = Object.entries(app.userConsents).filter(([id]) => userId !== undefined && id !== userId);
    app.userConsents = Object.fromEntries(kept);
    if (userId === undefined) app.granted = app.grantedScopes = [];
    onConsent(tenant, app.clientId);
    return edited(describeApp(app));
  },
});

/** The part of control that is about signing in. */
export const createSignInControl = (tools: Tools) => {
  const { world, findTenant, findUser, edited } = tools;
  const { signIn, clock } = world;
  const describePerson = (tenant: Tenant, user: User) => {
    const { roles, blocked, revokedAt } = personOf(signIn, tenant.id, user.id);
    return { id: user.id, roles, blocked, revokedAt: revokedAt === null ? null : toTime(revokedAt) };
  };
  const describeSignIn = (tenantId: string) => {
    const tenant = findTenant(tenantId);
    const { userConsent, signInFrequency, accessTokenSeconds } = policyOf(signIn, tenant.id);
    return {
      userConsent,
      signInFrequencySeconds: signInFrequency === null ? null : signInFrequency / 1000,
      accessTokenSeconds,
      admins: adminsOf(signIn, tenant).map(({ id, userPrincipalName, displayName }) => ({
        ...{ id, userPrincipalName, displayName },
        roles: personOf(signIn, tenant.id, id).roles,
      })),
      apps: [...tenant.apps.values()].map(describeApp),
      consentRequests: signIn.consentRequests
        .filter((request) => request.tenantId === tenant.id)
        .map(({ at, clientId, userId, scopes }) => ({ at: toTime(at), clientId, userId, scopes })),
    };
  };
  return {
    ...createAppControl(tools),
    describeSignIn,
    setTenantPolicy: (tenantId: string, given: TenantPolicyInput) => {
      const { userConsent, signInFrequencySeconds: seconds, accessTokenSeconds } = given;
      const { id } = findTenant(tenantId);
      const before = policyOf(signIn, id);
      signIn.tenants.set(id, {
        userConsent: userConsent ?? before.userConsent,
        signInFrequency: seconds === undefined ? before.signInFrequency : seconds === null ? null : seconds * 1000,
        accessTokenSeconds: accessTokenSeconds === undefined ? before.accessTokenSeconds : accessTokenSeconds,
      });
      return edited(describeSignIn(tenantId));
    },
    setPerson: (tenantId: string, userId: string, { roles, blocked }: PersonInput) => {
      const tenant = findTenant(tenantId);
      const user = findUser(tenant, userId);
      const change = { ...(roles !== undefined && { roles }), ...(blocked !== undefined && { blocked }) };
      editPerson(signIn, { tenantId: tenant.id, userId: user.id, change });
      return edited(describePerson(tenant, user));
    },
    /**
     * By an administrator: all that was granted is void. By a change of one's own password: public clients' only.
     * `refreshTokens`: those that are out, and nothing else; the person stays signed in.
     */
    revokeSignIns: (tenantId: string, userId: string, reason: Revocation) => {
      const tenant = findTenant(tenantId);
      const user = findUser(tenant, userId);
      const at = clock.now();
      if (reason === 'refreshTokens') {
        revokeRefreshTokens(signIn, (token) => token.tenantId === tenant.id && token.userId === user.id);
        return edited(describePerson(tenant, user));
      }
      const change = reason === 'passwordChange' ? { publicRevokedAt: at } : { revokedAt: at, publicRevokedAt: at };
      editPerson(signIn, { tenantId: tenant.id, userId: user.id, change });
      for (const session of signIn.sessions.values())
        session.accounts = session.accounts.filter((account) => account.userId !== user.id);
      return edited(describePerson(tenant, user));
    },
    setSignInPolicy: (given: PolicyInput) => {
      const { policy } = signIn;
      signIn.policy = {
        refuseAssertionReplay: given.refuseAssertionReplay ?? policy.refuseAssertionReplay,
        tokenFault: given.tokenFault === undefined ? policy.tokenFault : given.tokenFault,
      };
      return signIn.policy;
    },
    rotateSigningKey: ({ publishOldForSeconds }: { publishOldForSeconds?: number | undefined } = {}) => {
      const now = clock.now();
      const grace = publishOldForSeconds === undefined ? signIn.lifetimes.retiredKey : publishOldForSeconds * 1000;
      const { kid } = rotateKeys(world.keys, now + grace);
      return edited({ kid, published: publishedKeys(world.keys, now).map((key) => key.kid) });
    },
  };
};

export type SignInControl = ReturnType<typeof createSignInControl>;
