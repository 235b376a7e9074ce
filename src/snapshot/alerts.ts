/** What somebody must be told of at once: lines of the log at level error, each begun by a name that the alert rules of infra/ look for. */
export const alertEvents = {
  /** A kind came back suspiciously small: the snapshot is kept, and is nobody's default until it is accepted. */
  suspect: 'snapshot.suspect',
  /** A snapshot was asked for, or was due, and there is none. */
  failed: 'snapshot.failed',
} as const;

/** @param facts ids, numbers and codes; never a record. */
export const alertLine = (event: keyof typeof alertEvents, facts: object): string =>
  `${alertEvents[event]} ${JSON.stringify(facts)}`;
