import { appendFileSync } from 'node:fs';

const LINES_AT_ONCE = 200;

/** What was done and answered, line by line: for whoever looks into a failure. */
export class Diary {
  private lines: string[] = [];

  constructor(
    readonly file: string,
    private readonly now: () => Date,
  ) {}

  note(line: string): void {
    this.lines.push(`${new Date().toISOString().slice(11)} ${this.now().toISOString()} ${line}\n`);
    if (this.lines.length >= LINES_AT_ONCE) this.flush();
  }

  flush(): void {
    appendFileSync(this.file, this.lines.splice(0).join(''));
  }
}
