/** The directory refuses a change, as it would break one of its own rules. */
export class Conflict extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Conflict';
  }
}
