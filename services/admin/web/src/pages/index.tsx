import { lazy, Route, Router } from 'preact-iso';
import { INTEGRATIONS } from './addresses.js';
import { OverviewPage } from './overview-page.js';
import { Empty } from '../parts/basics.js';
import { Page } from '../parts/page.js';

// The overview comes with the first page; what needs more is fetched when it is opened.
const LagPage = lazy(() => import('./lag-page.js').then((module) => module.LagPage));
const SubscriptionsPage = lazy(() => import('./subscriptions-page.js').then((module) => module.SubscriptionsPage));
const PeoplePage = lazy(() => import('./people-page.js').then((module) => module.PeoplePage));
const PersonPage = lazy(() => import('./person-page.js').then((module) => module.PersonPage));
const ReconcilesPage = lazy(() => import('./reconciles-page.js').then((module) => module.ReconcilesPage));
const DeadLettersPage = lazy(() => import('./dead-letters-page.js').then((module) => module.DeadLettersPage));
const AlertsPage = lazy(() => import('./alerts-page.js').then((module) => module.AlertsPage));
const AuditPage = lazy(() => import('./audit-page.js').then((module) => module.AuditPage));
const KeysPage = lazy(() => import('./keys-page.js').then((module) => module.KeysPage));
const MePage = lazy(() => import('./me-page.js').then((module) => module.MePage));
const IntegrationsPage = lazy(() => import('../setup/integrations-page.js').then((module) => module.IntegrationsPage));
const SetupPage = lazy(() => import('../setup/setup-page.js').then((module) => module.SetupPage));
const SecretsPage = lazy(() => import('../setup/secrets-page.js').then((module) => module.SecretsPage));
const PermissionsPage = lazy(() => import('../setup/permissions-page.js').then((module) => module.PermissionsPage));
const AdminsPage = lazy(() => import('../setup/admins-page.js').then((module) => module.AdminsPage));

export const Pages = () => (
  <Router>
    <Route path="/" component={OverviewPage} />
    <Route path="/sign-in" component={OverviewPage} />
    <Route path="/lag" component={LagPage} />
    <Route path="/subscriptions" component={SubscriptionsPage} />
    <Route path="/people" component={PeoplePage} />
    <Route path="/people/:userId" component={PersonPage} />
    <Route path="/reconciles" component={ReconcilesPage} />
    <Route path="/dead-letters" component={DeadLettersPage} />
    <Route path="/alerts" component={AlertsPage} />
    <Route path="/audit" component={AuditPage} />
    <Route path="/settings/keys" component={KeysPage} />
    <Route path="/me" component={MePage} />
    <Route path={INTEGRATIONS} component={IntegrationsPage} />
    <Route path={`${INTEGRATIONS}/:integrationId/secrets`} component={SecretsPage} />
    <Route path={`${INTEGRATIONS}/:integrationId/permissions`} component={PermissionsPage} />
    <Route path={`${INTEGRATIONS}/:integrationId/admins`} component={AdminsPage} />
    <Route path={`${INTEGRATIONS}/:integrationId/:step?`} component={SetupPage} />
    <Route default component={NoPage} />
  </Router>
);

const NoPage = () => (
  <Page title="There is no such page">
    <Empty
      title="Nothing here"
      action={
        <a class="button" href="/">
          Go to the overview
        </a>
      }
    >
      The address is old or mistyped.
    </Empty>
  </Page>
);
