/** The vault wrapper against a vault that keeps its key to itself, spoken to over the SDK's own pipeline. */
import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto';
import { CryptographyClient } from '@azure/keyvault-keys';
import { expect, it } from 'vitest';
import { createVaultWrapper } from '../../src/azure/key-vault.ts';

const vault = 'https://vault.example.net/keys/restore';
const newest = `${vault}/0123456789abcdef0123456789abcdef`;
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };

/** Answers as Key Vault's REST interface does: the public half to whoever reads the key, and the use of the other. */
function vaultThat(answers: (path: string) => number | undefined = () => undefined) {
  const asked: string[] = [];
  const clientOf = (url: string) =>
    new CryptographyClient(
      url,
      { getToken: async () => ({ token: 'token', expiresOnTimestamp: Date.now() + 3_600_000 }) },
      {
        disableChallengeResourceVerification: true,
        retryOptions: { maxRetries: 0 },
        httpClient: {
          async sendRequest(request) {
            const { pathname } = new URL(request.url);
            asked.push(`${request.method} ${pathname}`);
            const status = answers(pathname) ?? 200;
            const asking = typeof request.body === 'string' ? JSON.parse(request.body) : {};
            const refusal = { error: { code: 'Refused', message: 'no' } };
            const text = JSON.stringify(status === 200 ? answerOf(pathname, asking) : refusal);
            const headers = request.headers;
            headers.set('content-type', 'application/json');
            return { request, status, headers, bodyAsText: text };
          },
        },
      },
    );
  return { wrapper: createVaultWrapper(vault, clientOf), asked };
}

function answerOf(path: string, { value = '' }: { value?: string }): unknown {
  const bytes = Buffer.from(value, 'base64url');
  if (/\/wrapkey$/i.test(path))
    return { kid: newest, value: publicEncrypt({ key: publicKey, ...padding }, bytes).toString('base64url') };
  if (/\/unwrapkey$/i.test(path))
    return { kid: newest, value: privateDecrypt({ key: privateKey, ...padding }, bytes).toString('base64url') };
  const { n, e } = publicKey.export({ format: 'jwk' });
  return { key: { kid: newest, kty: 'RSA', n, e, key_ops: ['wrapKey', 'unwrapKey'] }, attributes: { enabled: true } };
}

it('gives back the data key that it wrapped, and names the version that wrapped it', async () => {
  const { wrapper } = vaultThat();
  const key = randomBytes(32);
  const { wrapped, wrappedBy } = await wrapper.wrap(key);
  expect(wrappedBy).toBe(newest);
  expect(Buffer.from(wrapped).includes(key)).toBe(false);
  expect(Buffer.from(await wrapper.unwrap(wrapped, wrappedBy)).equals(key)).toBe(true);
});

it('asks no other vault, whatever storage says', async () => {
  const { wrapper, asked } = vaultThat();
  await expect(wrapper.unwrap(randomBytes(256), 'https://evil.example.net/keys/restore/1')).rejects.toMatchObject({
    code: 'key-unavailable',
    message: expect.stringContaining(vault),
  });
  await expect(wrapper.unwrap(randomBytes(256), `${vault}2/1`)).rejects.toMatchObject({ code: 'key-unavailable' });
  expect(asked).toEqual([]);
});

it.each([
  [403, 'key-unavailable', 'Key Vault Crypto User'],
  [404, 'key-unavailable', 'refuses'],
  [503, 'storage-unreachable', 'tried again'],
])('says of a vault that answers %i what to do', async (status, code, advice) => {
  const { wrapper } = vaultThat((path) => (/wrapkey$/i.test(path) ? status : undefined));
  await expect(wrapper.unwrap(randomBytes(256), newest)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(advice),
  });
});
