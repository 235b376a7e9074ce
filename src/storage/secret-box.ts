/** Sealing small secrets for storage: AES-256-GCM, a fresh nonce each, bound to the name they are stored under. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AppError } from '../errors.ts';

const nonceBytes = 12;
const tagBytes = 16;

export interface SecretBox {
  seal(text: string, name: string): Uint8Array;
  /** @throws AppError `internal` when the bytes were sealed with another key or under another name, or were altered. */
  open(bytes: Uint8Array, name: string): string;
}

/** @param key 32 bytes. */
export function createSecretBox(key: Uint8Array): SecretBox {
  return {
    seal(text, name) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name));
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    },
    open(bytes, name) {
      const sealed = Buffer.from(bytes);
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes)).setAAD(Buffer.from(name));
        decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
        const text = decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes), undefined, 'utf8');
        return text + decipher.final('utf8');
      } catch (cause) {
        throw new AppError(
          'internal',
          'A sealed secret cannot be opened: the key has changed since. Set a new password.',
          { cause },
        );
      }
    },
  };
}
