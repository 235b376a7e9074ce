/** How the platform carries requests and answers: in pieces, so that a report of any size passes through a small function. */
import { app } from '@azure/functions';

app.setup({ enableHttpStream: true });
