import type { Route } from '../http/route.js';
import { applyRoutes } from './apply-routes.js';
import { consentRoutes } from './consent-routes.js';
import { checkRoutes } from './check-routes.js';
import { guideRoutes } from './guide-routes.js';
import { permissionRoutes } from './permission-routes.js';
import { previewRoutes } from './preview-routes.js';
import { sealingRoutes } from './sealing-routes.js';
import { secretRoutes } from './secret-routes.js';
import type { SetupOptions } from './setup-options.js';

/** Everything of the setup dialogue beside the integrations themselves. */
export const setupRoutes = (options: SetupOptions): Route[] => [
  ...guideRoutes(options),
  ...checkRoutes(options),
  ...secretRoutes(options),
  ...consentRoutes(options),
  ...permissionRoutes(options),
  ...previewRoutes(options),
  ...applyRoutes(options),
  ...sealingRoutes(options),
];
