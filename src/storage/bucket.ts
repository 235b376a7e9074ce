/**
 * The port to a store of bytes by name. Names are paths of `[A-Za-z0-9._-]` segments. Dumb on purpose: what makes a snapshot
 * safe (manifest last, nothing overwritten, sweep only what is unreferenced) is written once, above it.
 *
 * Every method may be repeated: `put` of the same bytes changes nothing, `delete` of an absent name succeeds.
 * Throws AppError `storage-unreachable`; absence is a value (undefined), never an error.
 */
export interface StoredBytes {
  readonly name: string;
  readonly bytes: number;
  readonly modifiedDateTime: string;
}

export interface Bucket {
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** False, and nothing written, if the name is taken: the one atomic choice between two writers. */
  putIfAbsent(name: string, bytes: Uint8Array): Promise<boolean>;
  /**
   * Adds bytes at the end of a name that is only ever appended to, made on first use; several writers may. False, and nothing added, when it
   * takes no more. Unlike the others it may add twice when it is repeated.
   */
  append(name: string, bytes: Uint8Array): Promise<boolean>;
  get(name: string): Promise<Uint8Array | undefined>;
  /** `length` bytes from `offset`; undefined when the name is absent. */
  getRange(name: string, offset: number, length: number): Promise<Uint8Array | undefined>;
  exists(name: string): Promise<boolean>;
  /** Names with the prefix, ascending. */
  list(prefix: string): AsyncIterable<StoredBytes>;
  delete(name: string): Promise<void>;
}
