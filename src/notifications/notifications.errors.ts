/** The event was quicker than the object it speaks of; the listener's retry finds it. */
export class NotMirroredYet extends Error {
  override readonly name = 'NotMirroredYet';

  constructor(what: string, id: string) {
    super(`There is no ${what} ${id} yet.`);
  }
}
