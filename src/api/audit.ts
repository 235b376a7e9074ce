/** The audit log of a connector: every write to its directory, oldest first. */
import { z } from 'zod';
import { readAudit } from '../audit/audit-log.ts';
import { AppError } from '../errors.ts';
import type { Services } from '../services.ts';
import { type Handle, json, nextLink } from './handling.ts';
import { cursor, pathPart, queryOf, top } from './input.ts';

const time = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text).toISOString())
  .optional();

export const getAudit =
  (services: Services): Handle =>
  async (request) => {
    const connectorId = pathPart(request, 'connectorId');
    await services.connectors.get(connectorId);
    const { from, to, ...page } = queryOf(request, { from: time, to: time, top, cursor });
    const found = await readAudit(services.bucket, connectorId, {
      top: page.top,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
    });
    if (found === undefined) throw new AppError('invalid-input', 'The cursor is not one that a page of this log gave.');
    return json({ value: found.value, ...nextLink(request, found.cursor) });
  };
