/** The closed list of reasons, the README's table of them, and the scenarios that produce them over HTTP. */
import { globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { advice, makesIncomplete, reasons } from '../../src/restore/reasons.ts';

it('R54 stand in the README, each with a line that tells the admin what to do and whether the job is incomplete for it', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, table = ''] = readme.split('| reason ');
  const lines = table.split('\n\n')[0]?.split('\n').slice(2) ?? [];
  const told = lines.map((line) => line.split('|').map((cell) => cell.trim()));
  expect(told.map(([, code, words]) => [code, words])).toEqual(
    reasons.map((reason) => [`\`${reason}\`${makesIncomplete(reason) ? '\\*' : ''}`, advice[reason]]),
  );
});

it.each(reasons)('%s is produced by a scenario', (reason) => {
  const root = new URL('../scenario/', import.meta.url).pathname;
  const scenarios = globSync('*.test.ts', { cwd: root }).map((name) => readFileSync(`${root}${name}`, 'utf8'));
  expect(scenarios.some((text) => text.includes(`'${reason}'`))).toBe(true);
});
