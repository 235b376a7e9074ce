/** One HTTP call as a test sees it: status, headers, and the body as JSON where it is JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read foreign JSON and assert on it; a type would only be a guess
  readonly body: any;
  readonly text: string;
  readonly bytes: Uint8Array;
}

export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is a string (sent as it is) or bytes. */
  readonly body?: unknown;
}

export async function send(call: Call): Promise<Answer> {
  try {
    return await sendOnce(call);
  } catch (error) {
    // The pool may hand out a connection to a host that a test has killed; a second try opens a new one.
    if (call.method !== 'GET' || !(error instanceof TypeError)) throw error;
    return sendOnce(call);
  }
}

async function sendOnce({ method, url, headers = {}, body }: Call): Promise<Answer> {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(url, {
    method,
    headers: { ...(body !== undefined && !raw && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: raw ? (body as string) : JSON.stringify(body) }),
    redirect: 'manual',
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  return { status: response.status, headers: response.headers, body: parse(text), text, bytes };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Fails a test with the whole answer in view when the status is not one of the expected. */
export function expectStatus(call: string, answer: Answer, ...statuses: number[]): Answer {
  const fine = statuses.length === 0 ? answer.status < 300 : statuses.includes(answer.status);
  if (!fine) throw new Error(`${call} answered ${answer.status}: ${answer.text.slice(0, 2_000)}`);
  return answer;
}
