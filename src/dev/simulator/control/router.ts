/** Finds the door for a request below `/_control` and turns what it throws into an answer. */
import { type Door, type DoorAnswer, DoorError, refusal } from './door.ts';

export interface ControlRequest {
  readonly method: string;
  /** Below `/_control`, without query: `/clock`. */
  readonly path: string;
  /** The body as sent; empty when there was none. */
  readonly text: string;
}
export type Control = (request: ControlRequest) => Promise<DoorAnswer>;

/** Serves these doors; anything unexpected a door throws is passed on. */
export function createRouter(doors: readonly Door[]): Control {
  const routes = doors.map((door) => ({ door, segments: door.path.split('/').slice(1) }));
  return async (request) => {
    try {
      const segments = request.path.replace(/\/$/, '').split('/').slice(1);
      const here = routes.filter((route) => fits(route.segments, segments));
      if (here.length === 0) throw new DoorError(404, `There is no door ${request.path}.`);
      const route = here.find(({ door }) => door.method === request.method);
      if (route === undefined) throw new DoorError(405, `The door ${request.path} does not take ${request.method}.`);
      const at = route.segments.findIndex((segment) => segment.startsWith('*'));
      const parameter = at < 0 ? '' : segments.slice(at).join('/');
      return await route.door.answer({ parameter: decode(parameter), body: parseJson(request.text) });
    } catch (error) {
      if (error instanceof DoorError) return refusal(error);
      throw error;
    }
  };
}

function fits(pattern: readonly string[], path: readonly string[]): boolean {
  if (pattern.at(-1) === '**' && path.length > pattern.length) return fits(pattern, path.slice(0, pattern.length));
  return (
    pattern.length === path.length && pattern.every((segment, at) => segment.startsWith('*') || segment === path[at])
  );
}

function parseJson(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new DoorError(400, 'The body is no JSON.');
  }
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new DoorError(400, 'The path is not URL-encoded.');
  }
}
