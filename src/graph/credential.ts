/** The token that requests carry, from whichever credential the settings name (@azure/identity caches and renews). */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  AuthenticationError,
  ClientAssertionCredential,
  ClientCertificateCredential,
  CredentialUnavailableError,
  ManagedIdentityCredential,
  type TokenCredential,
} from '@azure/identity';
import { answerMs, within } from '../deadline.ts';
import { AppError } from '../errors.ts';
import { type CloudName, clouds, isLoopback } from './cloud.ts';
import type { CredentialConfig } from './config.ts';

/** Gives the bearer token for the next request; throws `unauthorized`, or `graph-unreachable` when nobody answers. */
export type TokenSource = () => Promise<string>;

/**
 * @throws AppError `invalid-input` when a development token is meant for a remote endpoint, or a real credential for an
 *   endpoint that is not the cloud's own.
 */
export function tokenSource(credential: CredentialConfig, cloud: CloudName, endpoint: string): TokenSource {
  if (credential.kind === 'development') {
    if (!isLoopback(endpoint)) {
      throw new AppError('invalid-input', 'a development token is accepted only for a Graph endpoint on this machine');
    }
    const { token } = credential;
    return () => Promise.resolve(token);
  }
  if (endpoint !== clouds[cloud].endpoint) {
    throw new AppError(
      'invalid-input',
      'a Graph endpoint on this machine needs a development token, no real credential',
    );
  }
  const lacking = credential.kind === 'certificate' ? () => lackOf(credential.certificatePath) : undefined;
  return tokensOf(azureCredential(credential, cloud), `${endpoint}/.default`, answerMs, lacking);
}

function azureCredential(
  credential: Exclude<CredentialConfig, { kind: 'development' }>,
  cloud: CloudName,
): TokenCredential {
  const options = { authorityHost: clouds[cloud].authorityHost };
  switch (credential.kind) {
    case 'managed-identity':
      return managedIdentity(credential.clientId);
    case 'federated':
      return new ClientAssertionCredential(
        credential.tenantId,
        credential.clientId,
        assertionOf(credential, clouds[cloud].exchangeScope),
        options,
      );
    case 'certificate':
      return new ClientCertificateCredential(
        credential.tenantId,
        credential.clientId,
        { certificatePath: credential.certificatePath },
        options,
      );
  }
}

const managedIdentity = (clientId: string | undefined) =>
  clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });

/** The outside token is read anew each time it is asked for: both kinds are short-lived. */
function assertionOf(
  credential: Extract<CredentialConfig, { kind: 'federated' }>,
  exchangeScope: string,
): () => Promise<string> {
  const { tokenFile } = credential;
  if (tokenFile !== undefined) return async () => (await readFile(tokenFile, 'utf8')).trim();
  const identity = managedIdentity(credential.managedIdentityClientId);
  return async () => (await identity.getToken(exchangeScope)).token;
}

/** What is wrong with the file of a certificate; undefined: nothing. Says nothing of what is in it. */
async function lackOf(path: string): Promise<string | undefined> {
  const setting = `its certificatePath (of the deployment's own: CERTIFICATE_PATH), ${path},`;
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return `${setting} cannot be read. Put the file back, or name another`;
  try {
    new X509Certificate(text);
    createPrivateKey(text);
    return undefined;
  } catch {
    return `${setting} is no PEM file of a certificate and its private key. Put one there`;
  }
}

/**
 * Also gives up, as `graph-unreachable`, when nobody answers within `mostMs`.
 * @param lacking what the credential itself lacks, asked when there is no token: then nobody was asked for one.
 */
export function tokensOf(
  credential: TokenCredential,
  scope: string,
  mostMs = answerMs,
  lacking: () => Promise<string | undefined> = async () => undefined,
): TokenSource {
  return async () => {
    try {
      const token = await within(mostMs, (abortSignal) => credential.getToken(scope, { abortSignal }));
      if (token !== null) return token.token;
    } catch (error) {
      const lack = await lacking();
      if (lack !== undefined) throw new AppError('unauthorized', `no token for Microsoft Graph: ${lack}.`);
      if (!(error instanceof AuthenticationError || error instanceof CredentialUnavailableError)) {
        throw new AppError('graph-unreachable', 'no token: the identity service did not answer; try again later');
      }
    }
    throw new AppError('unauthorized', 'no token for Microsoft Graph: check the credential settings of this connector');
  };
}
