/** The flags of the local run (contract 1), the same for `npm start` and for the host alone. A wrong one ends with status 2 and one line. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';

export interface Flags {
  readonly port: number;
  readonly graphPort: number;
  /** Blob; queue is one above, table two. */
  readonly storagePort: number;
  readonly stateDir: string;
  /** `demo`, `empty` or a number of users. */
  readonly seed: string;
  /** false: timers stay registered but do not fire. */
  readonly schedule: boolean;
  /** Folder of the app; undefined means this project. */
  readonly app?: string;
}

/** Parses the arguments after the script's name. Exits the process with 2 on a wrong flag, with 0 after `--help`. */
export function readFlags(name: string, args: readonly string[]): Flags {
  const command = new Command(name)
    .option('--port <port>', 'functions host', port(0), 7071)
    .option('--graph-port <port>', 'Graph simulator', port(0), 7072)
    .option('--storage-port <port>', 'Azurite blob; queue is +1, table +2', port(2), 10000)
    .option('--state-dir <dir>', 'what survives a restart', '.local')
    .option('--seed <seed>', 'demo, empty or a number of users', seed, 'demo')
    .option('--no-schedule', 'timers are registered but do not fire')
    .option('--app <dir>', 'folder of the app, this project by default')
    .exitOverride();
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
    throw error;
  }
  return command.opts<Flags>();
}

const port = (above: number) => (text: string) => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value + above > 65_535) throw new InvalidArgumentError('It must be a free TCP port.');
  return value;
};

function seed(text: string): string {
  if (text === 'demo' || text === 'empty' || /^\d{1,7}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be demo, empty or a number of users.');
}
