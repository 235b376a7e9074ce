/** A job's way to its end: a bar on a terminal, a line per phase elsewhere (in a log a moving bar is noise). */
import { SingleBar } from 'cli-progress';
import type { Json } from './clients.ts';

export interface Progress {
  tell(job: Json): void;
  end(job: Json): void;
}

const phaseWords: Readonly<Record<string, string>> = {
  reading: 'reading the directory',
  folding: 'sorting records into shards',
  sealing: 'sealing the snapshot',
  planning: 'planning',
  objects: 'bringing people back',
  linking: 'linking them to what they belonged to',
  verifying: 'reading everything back',
};

const phaseOf = (job: Json): string => phaseWords[job.phase] ?? job.phase ?? job.status;

export function createProgress(title: string, out: NodeJS.WriteStream): Progress {
  return out.isTTY ? barProgress(title, out) : lineProgress(title, out);
}

function barProgress(title: string, out: NodeJS.WriteStream): Progress {
  const bar = new SingleBar({
    format: `  ${title} {bar} {percentage}% {phase}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    stream: out,
  });
  bar.start(1, 0, { phase: 'starting' });
  return {
    tell: ({ progress, ...job }) => {
      bar.setTotal(Math.max(1, progress.total));
      bar.update(Math.min(progress.done, progress.total), { phase: phaseOf(job) });
    },
    end: (job) => {
      bar.setTotal(1);
      bar.update(1, { phase: job.status });
      bar.stop();
    },
  };
}

function lineProgress(title: string, out: NodeJS.WriteStream): Progress {
  let last = '';
  return {
    tell: (job) => {
      const now = phaseOf(job);
      if (now === last || job.status !== 'running') return;
      last = now;
      out.write(`  ${title}: ${now}\n`);
    },
    end: (job) => void out.write(`  ${title}: ${job.status}\n`),
  };
}
