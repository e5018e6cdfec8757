const REMEDY = 'Set DATABASE_URL to use a PostgreSQL server of your own.';

/** This machine has no PostgreSQL programs for its platform; a retry cannot help. */
export class PostgresBinariesMissing extends Error {
  readonly code = 'postgres_binaries_missing';

  constructor(packageName: string) {
    super(
      `There is no embedded PostgreSQL here: the optional package ${packageName} is not installed ` +
        `(is this platform supported, was npm told to omit optional packages?). ${REMEDY}`,
    );
    this.name = 'PostgresBinariesMissing';
  }
}

/** One of PostgreSQL's programs failed or took too long; `output` is what it said. */
export class PostgresProgramFailed extends Error {
  readonly code = 'postgres_program_failed';
  readonly output: string;

  constructor(program: string, output: string) {
    super(`${program} failed: ${lastLines(output)}\n${REMEDY}`);
    this.name = 'PostgresProgramFailed';
    this.output = output;
  }
}

/** The server did not come up, or not in time; `output` is the end of its log. */
export class PostgresDidNotStart extends Error {
  readonly code = 'postgres_did_not_start';

  constructor(reason: string, folder: string, output: string) {
    super(`Embedded PostgreSQL in ${folder} did not start: ${reason}\n${lastLines(output)}\n${REMEDY}`);
    this.name = 'PostgresDidNotStart';
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-8).join('\n');
}
