export const SecretsPage = () => null;
