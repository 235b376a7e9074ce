/** The token that requests carry, from whichever credential the settings name (@azure/identity caches and renews). */
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
  return tokensOf(azureCredential(credential, cloud), `${endpoint}/.default`);
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

/** Also gives up, as `graph-unreachable`, when nobody answers within `mostMs`. */
export function tokensOf(credential: TokenCredential, scope: string, mostMs = answerMs): TokenSource {
  return async () => {
    try {
      const token = await within(mostMs, (abortSignal) => credential.getToken(scope, { abortSignal }));
      if (token !== null) return token.token;
    } catch (error) {
      if (!(error instanceof AuthenticationError || error instanceof CredentialUnavailableError)) {
        throw new AppError('graph-unreachable', 'no token: the identity service did not answer; try again later');
      }
    }
    throw new AppError('unauthorized', 'no token for Microsoft Graph: check the credential settings of this connector');
  };
}
