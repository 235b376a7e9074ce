/** What keeps the host from starting: told in one clear text, exit status 2. */
export class StartError extends Error {}
