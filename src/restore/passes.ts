/** Temporary Access Passes: one for each user that a job makes anew, where the request asks for them. */
import type { JobContext } from './job-context.ts';
import type { LinkStep, LinkSubject } from './links.ts';

/** @param created what the job makes, or has made. Without a key no pass could be kept until somebody collects it: then none is issued. */
export const passSteps = (
  { request, secrets }: JobContext,
  created: readonly Pick<LinkSubject, 'kind' | 'id' | 'liveId' | 'origin'>[],
): LinkStep[] =>
  created
    .filter(({ kind }) => request.newUsers.temporaryAccessPass && kind === 'users')
    .map(({ id, liveId, origin }) => ({
      act: secrets === undefined ? 'skip' : 'pass',
      ...(secrets === undefined ? { reason: 'secret-not-restorable' as const } : {}),
      origin,
      name: 'authenticationMethods',
      source: liveId,
      target: 'temporaryAccessPass',
      targetId: 'temporaryAccessPass',
      targetName: 'temporaryAccessPassAuthenticationMethod',
      userId: id,
    }));
