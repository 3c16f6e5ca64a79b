import { z } from 'zod';

/** National clouds: https://learn.microsoft.com/graph/deployments. `custom` takes GRAPH_URL and LOGIN_URL. */
export const CLOUDS = {
  global: { graphUrl: 'https://graph.microsoft.com', loginUrl: 'https://login.microsoftonline.com' },
  'us-gov-l4': { graphUrl: 'https://graph.microsoft.us', loginUrl: 'https://login.microsoftonline.us' },
  'us-gov-l5': { graphUrl: 'https://dod-graph.microsoft.us', loginUrl: 'https://login.microsoftonline.us' },
  china: { graphUrl: 'https://microsoftgraph.chinacloudapi.cn', loginUrl: 'https://login.chinacloudapi.cn' },
} as const;

export const cloudName = z.enum(['global', 'us-gov-l4', 'us-gov-l5', 'china', 'custom']);
export type CloudName = z.infer<typeof cloudName>;
/** Origins without a path. */
export type CloudUrls = { graphUrl: string; loginUrl: string };

export const cloudUrls = (cloud: CloudName, custom: CloudUrls): CloudUrls =>
  cloud === 'custom' ? custom : CLOUDS[cloud];
