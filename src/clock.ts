/** The one place that reads the wall clock. Everything else is handed a `Clock`, so that tests and replays own the time. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();
