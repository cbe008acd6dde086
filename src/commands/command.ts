import type { CommandArguments, Reading, StartContext } from '../config/index.js';
import type { Evidence, Finding, Listen, Plan, Problem, Redactor } from '../evidence/index.js';
import type { Ports, Screen } from '../ports/index.js';

/** Where progress and reports go, and how. */
export interface Console {
  readonly screen: Screen;
  readonly progress: 'live' | 'plain' | 'groups';
  /** Takes the progress if that holds a log's own commands; otherwise it goes to stderr. */
  readonly progressTo?: (text: string) => void;
  /** Prints lines of the progress folded under a title, if not as the log's own commands. */
  readonly group?: (title: string, text: string) => void;
  /** Receives every event beside the progress. */
  readonly listen?: Listen;
  /** Knows the secrets of all that is printed. */
  readonly redactor: Redactor;
  /** Is told the run's id before anything is made under its name. */
  readonly begins?: (run: string) => Promise<void>;
}

/** How a command ended: its exit code (design decision 15), and the evidence if it got that far. */
export interface CommandResult {
  readonly exitCode: number;
  readonly evidence?: Evidence;
  /** Why the evidence could not be written to its file; printed already. */
  readonly unwritten?: string;
  /** What was wrong before anything was started; printed already. */
  readonly problems?: readonly Problem[];
  /** The system error that ended it before there was evidence; redacted, and printed already. */
  readonly fault?: string;
  /** The plan, if only that was asked for. */
  readonly plan?: Plan;
  /** What was found for that plan, by the severities of the configuration; printed already. */
  readonly findings?: readonly Finding[];
}

/** A command of the command line: one file in this folder, and a row in table.ts. */
export interface CliCommand<Request = unknown> {
  readonly name: string;
  /** One sentence, for help and documents. */
  readonly summary: string;
  /** The words that it takes beside its options; undefined: none. */
  readonly arguments?: {
    /** As in the usage line: `list|prove [PLATFORM…]`. */
    readonly usage: string;
    /** Lines that explain them. */
    readonly details: readonly string[];
    /** Words with which alone an option is taken, by its name. */
    readonly takers?: Readonly<Record<string, readonly string[]>>;
  };
  /** Its options, by their names in the table of inputs (src/config/request/inputs.ts). */
  readonly options: readonly string[];
  /** What the arguments ask for, or everything that is wrong with them. */
  read(given: CommandArguments, start: StartContext): Reading<Request>;
  /** Rejects with `EngineError`, and with errors of the system. */
  run(request: Request, ports: Ports, console: Console): Promise<CommandResult>;
}
