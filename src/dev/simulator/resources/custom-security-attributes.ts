/**
 * Values of custom security attributes, by set and name (L:custom-security-attributes-examples). An administrator defines
 * them beforehand; this simulator keeps no definitions, so the first value of a user says of which type the attribute is.
 */
import { invalidValue } from '../errors.ts';

type Values = Readonly<Record<string, unknown>>;

/** As written, and as a read shows it. */
const writtenAs = '#Microsoft.DirectoryServices.CustomSecurityAttributeValue';
const shownAs = '#microsoft.graph.customSecurityAttributeValue';
const name = /^[A-Za-z][A-Za-z0-9_]{0,31}$/;
const longestText = 64;

const invalid = (): Error => invalidValue('customSecurityAttributes', 'User');

/**
 * Lays a change over what a user has: attributes that are not named stay, null or an empty collection removes one.
 * Returns null when nothing is left. Throws GraphError 400 for a missing or wrong type.
 */
export function mergeAttributes(before: unknown, change: unknown): Values | null {
  if (!isObject(change)) throw invalid();
  const sets: Record<string, unknown> = { ...(isObject(before) ? before : {}) };
  for (const [set, values] of Object.entries(change)) {
    if (set === '@odata.type') continue;
    if (!name.test(set) || !isObject(values)) throw invalid();
    if (values['@odata.type'] !== writtenAs && values['@odata.type'] !== shownAs) throw invalid();
    const merged = mergeSet(isObject(sets[set]) ? sets[set] : { '@odata.type': shownAs }, values);
    if (Object.keys(merged).length > 1) sets[set] = merged;
    else delete sets[set];
  }
  return Object.keys(sets).length > 0 ? sets : null;
}

function mergeSet(before: Values, change: Values): Values {
  const merged: Record<string, unknown> = { ...before };
  for (const [attribute, value] of Object.entries(change)) {
    if (attribute.includes('@')) continue;
    if (!name.test(attribute)) throw invalid();
    const hint = change[`${attribute}@odata.type`];
    const removes = value === null || (Array.isArray(value) && value.length === 0);
    const type = removes ? null : typeOf(value, hint);
    const known = merged[attribute] === undefined ? null : typeOf(merged[attribute], merged[`${attribute}@odata.type`]);
    if (type !== null && known !== null && type !== known) throw invalid();
    delete merged[attribute];
    delete merged[`${attribute}@odata.type`];
    if (type === null) continue;
    if (type.startsWith('#')) merged[`${attribute}@odata.type`] = type;
    merged[attribute] = value;
  }
  return merged;
}

/** Numbers and collections have to name their type; texts and booleans are told apart by themselves. */
function typeOf(value: unknown, hint: unknown): string {
  const isText = (one: unknown): boolean => typeof one === 'string' && one !== '' && one.length <= longestText;
  if (isText(value) && (hint === undefined || hint === '#String')) return 'String';
  if (typeof value === 'boolean' && (hint === undefined || hint === '#Boolean')) return 'Boolean';
  if (Number.isInteger(value) && hint === '#Int32') return hint;
  if (Array.isArray(value) && hint === '#Collection(String)' && value.every(isText)) return hint;
  if (Array.isArray(value) && hint === '#Collection(Int32)' && value.every(Number.isInteger)) return hint;
  throw invalid();
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
