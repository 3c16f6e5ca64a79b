import { directoryUser, type DirectoryUser } from '@muster/contracts';

/** A Graph user (https://learn.microsoft.com/graph/api/resources/user) as Muster keeps it; null = unusable row. */
export function toDirectoryUser(row: unknown): DirectoryUser | null {
  if (typeof row !== 'object' || row === null) return null;
  const { id, ...user } = row as Record<string, unknown>;
  const parsed = directoryUser.safeParse({
    userId: id,
    userPrincipalName: user.userPrincipalName ?? null,
    displayName: user.displayName ?? null,
    givenName: user.givenName ?? null,
    surname: user.surname ?? null,
    mail: user.mail ?? null,
    jobTitle: user.jobTitle ?? null,
    department: user.department ?? null,
    accountEnabled: user.accountEnabled ?? null,
    userType: user.userType ?? null,
  });
  return parsed.success ? parsed.data : null;
}
