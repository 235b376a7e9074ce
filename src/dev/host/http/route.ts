/**
 * ASP.NET route templates, as far as Functions use them: literals, `{name}`, `{name?}`, `{name=default}`, `{name:int}`, `{*rest}`,
 * and mixed segments such as `v{n}.json`. Literals match in any case; a constraint that is not known is refused at start.
 */
import { StartError } from '../start-error.ts';

export interface Route {
  /** The parameters when the path fits, else undefined. Path without leading slash, still URL-encoded. */
  match(path: string): Record<string, string> | undefined;
  /** Smaller wins: per segment literal, constrained, free, catch-all. */
  readonly rank: string;
}

const constraints: Readonly<Record<string, string>> = {
  int: '-?\\d+',
  long: '-?\\d+',
  bool: 'true|false',
  alpha: '[A-Za-z]+',
  guid: '[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}',
};
const parameter = /\{(\*{0,2})(\w+)(?::(\w+))?(=[^}]*)?(\?)?\}/g;

export function compileRoute(template: string): Route {
  const defaults: Record<string, string> = {};
  let rank = '';
  let pattern = '^';
  const segments = template.split('/').filter(Boolean);
  segments.forEach((segment, index) => {
    const slash = index === 0 ? '' : '/';
    const whole = segment.match(/^\{(\*{0,2})(\w+)(?::(\w+))?(=[^}]*)?(\?)?\}$/);
    if (whole === null) {
      const mixed = mixedSegment(segment, template);
      rank += mixed.literal ? '0' : '1';
      pattern += `${slash}${mixed.pattern}`;
      return;
    }
    const [, stars = '', name = '', constraint, preset, optional] = whole;
    if (preset !== undefined) defaults[name] = preset.slice(1);
    rank += stars !== '' ? '3' : constraint !== undefined ? '1' : '2';
    const value = stars !== '' ? '.*' : valuePattern(constraint, template);
    const absent = stars !== '' || optional !== undefined || preset !== undefined;
    pattern += absent ? `(?:${slash}(?<${name}>${value}))?` : `${slash}(?<${name}>${value})`;
  });
  const expression = new RegExp(`${pattern}/?$`, 'i');
  return {
    rank,
    match(path) {
      const found = expression.exec(path);
      if (found === null) return undefined;
      const values: Record<string, string> = { ...defaults };
      for (const [name, value] of Object.entries(found.groups ?? {}))
        if (value !== undefined && value !== '') values[name] = decodeSegment(value);
      return values;
    },
  };
}

function mixedSegment(segment: string, template: string): { pattern: string; literal: boolean } {
  let pattern = '';
  let at = 0;
  for (const found of segment.matchAll(parameter)) {
    pattern += escaped(segment.slice(at, found.index));
    pattern += `(?<${found[2]}>${valuePattern(found[3], template)})`;
    at = found.index + found[0].length;
  }
  return { pattern: pattern + escaped(segment.slice(at)), literal: at === 0 };
}

function valuePattern(constraint: string | undefined, template: string): string {
  if (constraint === undefined) return '[^/]+';
  const pattern = constraints[constraint];
  if (pattern === undefined)
    throw new StartError(`Route '${template}': the constraint '${constraint}' is not known here.`);
  return pattern;
}

/** ASP.NET leaves an encoded slash as it is. Throws URIError on a malformed escape. */
function decodeSegment(value: string): string {
  return value
    .split(/(%2f)/i)
    .map((part) => (/^%2f$/i.test(part) ? part : decodeURIComponent(part)))
    .join('');
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
