/**
 * The `$filter` language as Graph's directory speaks it: comparisons, `in`, `startsWith`, `endsWith`, `and`, `or`, `not`,
 * `any` over collections, `isof`. A small parser to a tree; what the tree means is in evaluate.ts.
 */
import { GraphError } from '../errors.ts';

export type Literal = string | number | boolean | null;
export type Comparison = 'eq' | 'ne' | 'ge' | 'le' | 'gt' | 'lt';

export type Filter =
  | { readonly kind: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly path: string; readonly value: Literal }
  | { readonly kind: 'in'; readonly path: string; readonly values: readonly Literal[] }
  | {
      readonly kind: 'call';
      readonly name: 'startswith' | 'endswith' | 'contains';
      readonly path: string;
      readonly value: string;
    }
  /** `path/any(v: condition)`; without condition: not empty. `v` alone is the element itself. */
  | { readonly kind: 'any'; readonly path: string; readonly variable: string; readonly of: Filter | null }
  | { readonly kind: 'isof'; readonly type: string };

type Token =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'literal'; readonly value: Literal }
  | { readonly kind: 'mark'; readonly text: '(' | ')' | ',' | ':' };

const bad = (text: string): GraphError =>
  new GraphError(400, 'Request_UnsupportedQuery', `Invalid filter clause: ${text}`);

const lexeme =
  /\s*(?:('(?:[^']|'')*')|([(),:])|(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))|([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|(-?\d+(?:\.\d+)?)(?![\w-])|([A-Za-z_][\w./$-]*))/giy;

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = [];
  lexeme.lastIndex = 0;
  while (lexeme.lastIndex < text.length) {
    if (text.slice(lexeme.lastIndex).trim() === '') break;
    const at = lexeme.lastIndex;
    const match = lexeme.exec(text);
    if (match === null) throw bad(`there is a syntax error at position ${at}.`);
    const [, quoted, mark, date, guid, number, word] = match;
    if (quoted !== undefined) tokens.push({ kind: 'literal', value: quoted.slice(1, -1).replaceAll("''", "'") });
    else if (mark === '(' || mark === ')' || mark === ',' || mark === ':') tokens.push({ kind: 'mark', text: mark });
    else if (date !== undefined || guid !== undefined) tokens.push({ kind: 'literal', value: date ?? guid ?? '' });
    else if (number !== undefined) tokens.push({ kind: 'literal', value: Number(number) });
    else if (word === 'true' || word === 'false') tokens.push({ kind: 'literal', value: word === 'true' });
    else if (word === 'null') tokens.push({ kind: 'literal', value: null });
    else tokens.push({ kind: 'word', text: word ?? '' });
  }
  return tokens;
}

/** Parses a filter. Throws GraphError 400 `Request_UnsupportedQuery` for what is no filter. */
export function parseFilter(text: string): Filter {
  const tokens = tokenize(text);
  let at = 0;
  const peek = (): Token | undefined => tokens[at];
  const isWord = (text: string): boolean => {
    const token = peek();
    return token?.kind === 'word' && token.text.toLowerCase() === text;
  };
  const isMark = (text: string): boolean => {
    const token = peek();
    return token?.kind === 'mark' && token.text === text;
  };
  const expectMark = (text: string): void => {
    if (!isMark(text)) throw bad(`'${text}' expected.`);
    at += 1;
  };
  const word = (): string => {
    const token = peek();
    if (token?.kind !== 'word') throw bad('a property expected.');
    at += 1;
    return token.text;
  };
  const literal = (): Literal => {
    const token = peek();
    if (token?.kind !== 'literal') throw bad('a value expected.');
    at += 1;
    return token.value;
  };
  const or = (): Filter => {
    let left = and();
    while (isWord('or')) {
      at += 1;
      left = { kind: 'or', left, right: and() };
    }
    return left;
  };
  const and = (): Filter => {
    let left = unary();
    while (isWord('and')) {
      at += 1;
      left = { kind: 'and', left, right: unary() };
    }
    return left;
  };
  const unary = (): Filter => {
    if (isWord('not')) {
      at += 1;
      return { kind: 'not', of: unary() };
    }
    if (isMark('(')) {
      at += 1;
      const inner = or();
      expectMark(')');
      return inner;
    }
    return predicate();
  };
  const predicate = (): Filter => {
    const name = word();
    if (isMark('(')) return called(name);
    const operator = word().toLowerCase();
    if (operator === 'in') {
      expectMark('(');
      const values = [literal()];
      while (isMark(',')) {
        at += 1;
        values.push(literal());
      }
      expectMark(')');
      return { kind: 'in', path: name, values };
    }
    if (!isComparison(operator)) throw bad(`'${operator}' is no operator.`);
    return { kind: 'compare', operator, path: name, value: literal() };
  };
  const called = (name: string): Filter => {
    expectMark('(');
    const lower = name.toLowerCase();
    if (lower.endsWith('/any')) return any(name.slice(0, -'/any'.length));
    if (lower === 'isof') {
      const token = peek();
      const type = token?.kind === 'literal' ? String(literal()) : word();
      expectMark(')');
      return { kind: 'isof', type: type.replace(/^(microsoft\.)?graph\./, '') };
    }
    if (lower !== 'startswith' && lower !== 'endswith' && lower !== 'contains')
      throw bad(`the function '${name}' is not supported.`);
    const path = word();
    expectMark(',');
    const value = literal();
    if (typeof value !== 'string') throw bad(`'${name}' takes a string.`);
    expectMark(')');
    // `startsWith(x,'a') eq true` is allowed and says the same.
    if (isWord('eq') && tokens[at + 1]?.kind === 'literal') {
      at += 1;
      const expected = literal();
      const call: Filter = { kind: 'call', name: lower, path, value };
      return expected === false ? { kind: 'not', of: call } : call;
    }
    return { kind: 'call', name: lower, path, value };
  };
  const any = (path: string): Filter => {
    if (isMark(')')) {
      at += 1;
      return { kind: 'any', path, variable: '', of: null };
    }
    const variable = word();
    expectMark(':');
    const of = or();
    expectMark(')');
    return { kind: 'any', path, variable, of };
  };
  const filter = or();
  if (at < tokens.length) throw bad('something is left over at the end.');
  return filter;
}

function isComparison(text: string): text is Comparison {
  return ['eq', 'ne', 'ge', 'le', 'gt', 'lt'].includes(text);
}
