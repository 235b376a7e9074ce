/** How the benchmark speaks: JSON lines on stdout, and what the kernel knows of a process. */
import { readFileSync } from 'node:fs';

export type Facts = Readonly<Record<string, unknown>>;

export const tell = (name: string, value: number, unit: string, more: Facts = {}): void => {
  process.stdout.write(`${JSON.stringify({ name, value: Math.round(value * 1_000) / 1_000, unit, ...more })}\n`);
};

/** The same of a figure that must not be more than a bar. */
export const judge = (name: string, value: number, unit: string, bar: number, more: Facts = {}): void =>
  tell(name, value, unit, { ...more, bar, met: value <= bar });

/** The most memory the process ever held, as the kernel kept it; undefined where there is no /proc. */
export function peakRssMb(pid: number): number | undefined {
  try {
    const kib = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kib === undefined ? undefined : Number(kib) / 1_024;
  } catch {
    return undefined;
  }
}
