/** Storage errors become AppErrors here, by status and code only. */
import { AppError, isAppError } from '../errors.ts';

/** What the Azure SDKs throw when the service answered with an error; without a status it never answered. */
interface ServiceError {
  readonly statusCode?: number;
  readonly code?: string;
}

const serviceError = (error: unknown): ServiceError =>
  typeof error === 'object' && error !== null ? (error as ServiceError) : {};

/** HTTP status of a storage answer, undefined when there was none. */
export const statusOf = (error: unknown): number | undefined => serviceError(error).statusCode;

/** Answers undefined for the statuses named, and throws the rest on. */
export const unless =
  (...statuses: number[]) =>
  (error: unknown): undefined => {
    if (!statuses.includes(statusOf(error) ?? 0)) throw error;
    return undefined;
  };

/** An append blob takes 50,000 blocks and no more (L:rest/api/storageservices/append-block). */
export const isFull = (error: unknown): boolean =>
  statusOf(error) === 409 && serviceError(error).code === 'BlockCountExceedsLimit';

/** `what` names the operation and the container or table, never a connection or a key. */
export function storageError(error: unknown, what: string): AppError {
  if (isAppError(error)) return error;
  const { statusCode, code } = serviceError(error);
  const why = statusCode === undefined ? 'no answer' : `status ${statusCode}${code === undefined ? '' : ` ${code}`}`;
  const advice =
    statusCode === 401 || statusCode === 403
      ? 'Check the role assignments of the app on the storage account.'
      : 'Check that the storage account can be reached.';
  return new AppError('storage-unreachable', `Storage failed to ${what}: ${why}. ${advice}`, { cause: error });
}
