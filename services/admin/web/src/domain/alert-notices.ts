import type { Alert, Notice } from './api-types.js';

/** What is known about one integration, or about the pipeline (`integrationId` null). */
export type NoticeGroup = { integrationId: string | null; name: string; notices: readonly Notice[] };

/** The notices that say what an alert says already: their cure belongs to the alert. */
export const noticesOf = (alert: Alert, groups: readonly NoticeGroup[]): Notice[] =>
  groups
    .filter(({ integrationId }) => integrationId === alert.integrationId)
    .flatMap(({ notices }) => notices.filter(({ rule }) => rule === alert.rule));

/** The notices that no alert tells; groups without any are left out. */
export const untoldNotices = (alerts: readonly Alert[], groups: readonly NoticeGroup[]): NoticeGroup[] =>
  groups
    .map((group) => ({
      ...group,
      notices: group.notices.filter(
        ({ rule }) => !alerts.some((alert) => alert.rule === rule && alert.integrationId === group.integrationId),
      ),
    }))
    .filter(({ notices }) => notices.length > 0);
