/**
 * Texts that only the app can read, for rows of tables: sealed as blobs are, under one data key of all tables, bound to the row they stand in.
 * What was written before sealing was switched on is read as it is.
 */
import { AppError } from '../errors.ts';
import type { KeyRing } from './key-ring.ts';
import { keyIdOf, open, seal } from './sealed-frames.ts';

export interface TextSeal {
  /** @param name of the row. @throws AppError `key-unavailable`, `storage-unreachable`. */
  seal(text: string, name: string): Promise<string>;
  /** @throws AppError as `seal`; `corrupt-snapshot` for a text that was altered, or stands in another row. */
  open(text: string, name: string): Promise<string>;
}

const mark = 'sealed:';
/** Where the key lies, beside those of connectors, and its id. */
const area = 'tables';

/** @param ring undefined: nothing is sealed, and what is cannot be read. */
export function createTextSeal(ring: KeyRing | undefined): TextSeal {
  return {
    async seal(text, name) {
      if (ring === undefined) return text;
      return mark + seal(Buffer.from(text), await ring.obtain(area, area), name).toString('base64');
    },
    async open(text, name) {
      if (!text.startsWith(mark)) return text;
      if (ring === undefined)
        throw new AppError(
          'key-unavailable',
          'Jobs here are sealed, and this app has no key. Set ENCRYPTION_KEY_URL (or ENCRYPTION_KEY_FILE) to the key they were sealed with.',
        );
      const bytes = Buffer.from(text.slice(mark.length), 'base64');
      const { key } = await ring.find(area, keyIdOf(bytes));
      return open(bytes, key, name).toString('utf8');
    },
  };
}
