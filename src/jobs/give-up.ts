/** Thrown by a job that can never succeed: it goes to the dead letters at once, with this reason. */
export class GiveUp extends Error {
  override readonly name = 'GiveUp';
}
