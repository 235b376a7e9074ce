/**
 * Preloaded (`node --import`) into Azurite: lets its database find one blob or row by the index that tells it from all others.
 *
 * Azurite 3.35 asks for a blob by account, container and name, for a row by partition and row key, in this order, and its database (lokijs)
 * uses the index of the first alone: account and container hold for every blob there is, so each request read through all of them. A restore
 * of 10,000 users took most of its time with that, and the more the larger it was.
 */
import { createRequire } from 'node:module';
import { isMainThread } from 'node:worker_threads';

type Filter = Readonly<Record<string, unknown>>;
type FindAnd = (this: unknown, filters: readonly Filter[]) => unknown;

/** What few have in common, and is indexed. */
const telling = ['name', 'blobName', 'RowKey'];
const tells = (filter: Filter): boolean => telling.some((property) => typeof filter[property] === 'string');

if (isMainThread) {
  const azurite = createRequire(import.meta.resolve('azurite/package.json'));
  const { Resultset } = azurite('lokijs') as {
    readonly Resultset: { readonly prototype: { findAnd: FindAnd; $and: FindAnd } };
  };
  const { prototype } = Resultset;
  const { findAnd } = prototype;
  prototype.findAnd = function findTellingFirst(filters) {
    return findAnd.call(
      this,
      filters.toSorted((a, b) => Number(tells(b)) - Number(tells(a))),
    );
  };
  prototype.$and = prototype.findAnd;
}
