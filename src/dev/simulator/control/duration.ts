/** ISO 8601 durations for the clock door. */

const form =
  /^(-)?P(?=\d|T\d)(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const unitMs = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000];

/** Milliseconds of `P31D`, `PT36H`, `-P1D`; null when it is none, or has years or months, whose length varies. */
export function parseDurationMs(text: string): number | null {
  const match = form.exec(text);
  if (match === null) return null;
  const [, sign, ...parts] = match;
  const total = parts.reduce((sum, part, at) => sum + Number(part ?? 0) * (unitMs[at] ?? 0), 0);
  return sign === '-' ? -total : total;
}
