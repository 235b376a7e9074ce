/** Jobs: how they stand, what they planned, what they did. */
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { getAudit } from '../src/api/audit.ts';
import { handling } from '../src/api/handling.ts';
import { cancelJob, collectCredential, getJob, getPlan, getReport, listJobs } from '../src/api/jobs.ts';
import { startUndo } from '../src/api/undo.ts';
import { services } from '../src/app/app.ts';

const read = { methods: ['GET' as const], authLevel: 'function' as const, extraInputs: [df.input.durableClient()] };

app.http('listJobs', { route: 'connectors/{connectorId}/jobs', ...read, handler: handling(listJobs(services)) });
app.http('getAudit', { route: 'connectors/{connectorId}/audit', ...read, handler: handling(getAudit(services)) });
app.http('getJob', { route: 'jobs/{jobId}', ...read, handler: handling(getJob(services)) });
app.http('getPlan', { route: 'jobs/{jobId}/plan', ...read, handler: handling(getPlan(services)) });
app.http('getReport', { route: 'jobs/{jobId}/report', ...read, handler: handling(getReport(services)) });

app.http('cancelJob', {
  route: 'jobs/{jobId}/cancel',
  ...read,
  methods: ['POST'],
  handler: handling(cancelJob(services)),
});

app.http('undoJob', {
  route: 'jobs/{jobId}/undo',
  ...read,
  methods: ['POST'],
  handler: handling(startUndo(services)),
});

app.http('collectCredential', {
  route: 'jobs/{jobId}/credentials/{userId}',
  ...read,
  methods: ['POST'],
  handler: handling(collectCredential(services)),
});
