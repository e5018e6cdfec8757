/** An answer that is no JSON: what is in a file. */
export class Contents {
  constructor(
    readonly mime: string,
    readonly data: Buffer,
  ) {}
}
