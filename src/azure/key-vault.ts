/** A wrapping key in Azure Key Vault, which never leaves it: the vault wraps and unwraps data keys for whoever may use it. */
import type { CryptographyClient } from '@azure/keyvault-keys';
import { answerMs, within } from '../deadline.ts';
import { AppError } from '../errors.ts';
import type { KeyWrapper } from '../storage/key-ring.ts';
import { statusOf } from './azure-errors.ts';

const algorithm = 'RSA-OAEP-256';

/**
 * @param keyUrl `https://<vault>.vault.azure.net/keys/<name>`, with a version or (the newest one wraps) without.
 * @param clientOf the client of a key, by its URL.
 */
export function createVaultWrapper(keyUrl: string, clientOf: (keyUrl: string) => CryptographyClient): KeyWrapper {
  const { origin, pathname } = new URL(keyUrl);
  const key = `${origin}${pathname.split('/').slice(0, 3).join('/')}`;
  const run = async <T>(act: (abortSignal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await within(answerMs, act);
    } catch (error) {
      throw vaultError(error, key);
    }
  };
  return {
    wrap: (dataKey) =>
      run(async (abortSignal) => {
        const { result, keyID = keyUrl } = await clientOf(keyUrl).wrapKey(algorithm, dataKey, { abortSignal });
        return { wrapped: result, wrappedBy: keyID };
      }),
    async unwrap(wrapped, wrappedBy) {
      // Whoever writes to storage must not send the app, with its token, to a vault of their own.
      if (wrappedBy !== key && !wrappedBy.startsWith(`${key}/`)) {
        throw new AppError(
          'key-unavailable',
          `A snapshot is sealed with the key ${wrappedBy}, and ENCRYPTION_KEY_URL names ${key}. Set it to the key the snapshots were sealed with.`,
        );
      }
      return run(
        async (abortSignal) => (await clientOf(wrappedBy).unwrapKey(algorithm, wrapped, { abortSignal })).result,
      );
    },
  };
}

function vaultError(error: unknown, key: string): AppError {
  const status = statusOf(error);
  if (status === undefined || status === 429 || status >= 500) {
    return new AppError('storage-unreachable', `The key ${key} cannot be reached. It is tried again.`, {
      cause: error,
    });
  }
  return new AppError(
    'key-unavailable',
    `Key Vault refuses the use of ${key} (${status}). Give the app's identity the role Key Vault Crypto User on it, and see that it is enabled.`,
    { cause: error },
  );
}
