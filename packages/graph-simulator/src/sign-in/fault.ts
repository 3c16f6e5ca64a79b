/** A refusal of the sign-in side: AADSTS number, OAuth error and HTTP status (contract 8.3). */
export class EntraFault extends Error {
  constructor(
    readonly status: number,
    readonly error: string,
    readonly number: number,
    message: string,
    /** Tells clients more than `error` does; MSAL asks for a new sign-in on `bad_token` and `consent_required`. */
    readonly suberror?: string,
  ) {
    super(`AADSTS${number}: ${message}`);
    this.name = 'EntraFault';
  }
}
