/** The clock, always passed in. */
export type Now = () => Date;
export const systemNow: Now = () => new Date();
