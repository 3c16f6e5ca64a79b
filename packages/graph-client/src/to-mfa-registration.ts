import { instant, mfaRegistration, type MfaRegistration } from '@muster/contracts';

/** A row of userRegistrationDetails as Muster keeps it; null = unusable row. Empty text means "none said". */
export function toMfaRegistration(row: unknown): MfaRegistration | null {
  if (typeof row !== 'object' || row === null) return null;
  const fields = row as Record<string, unknown>;
  const parsed = mfaRegistration.safeParse({
    userId: fields.id,
    isAdmin: fields.isAdmin ?? null,
    isMfaRegistered: fields.isMfaRegistered,
    isMfaCapable: fields.isMfaCapable,
    isPasswordlessCapable: fields.isPasswordlessCapable,
    isSsprRegistered: fields.isSsprRegistered,
    isSsprEnabled: fields.isSsprEnabled,
    isSsprCapable: fields.isSsprCapable,
    isSystemPreferredAuthenticationMethodEnabled: fields.isSystemPreferredAuthenticationMethodEnabled ?? null,
    methodsRegistered: fields.methodsRegistered ?? [],
    systemPreferredAuthenticationMethods: fields.systemPreferredAuthenticationMethods ?? [],
    userPreferredMethodForSecondaryAuthentication: textOrNull(fields.userPreferredMethodForSecondaryAuthentication),
    // When the report was made; a row that does not say so well still tells about the person.
    reportedAt: instant.safeParse(fields.lastUpdatedDateTime).data ?? null,
  });
  return parsed.success ? parsed.data : null;
}

const textOrNull = (value: unknown): unknown => (value === '' || value === undefined ? null : value);
