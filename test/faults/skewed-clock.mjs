// Loaded before the house: its machine's clock is off by SKEW_MS.
const skew = Number(process.env.SKEW_MS);
const Right = Date;

globalThis.Date = class Date extends Right {
  constructor(...given) {
    if (given.length === 0) super(Right.now() + skew);
    else super(...given);
  }

  static now() {
    return Right.now() + skew;
  }
};
