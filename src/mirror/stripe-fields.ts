/** Stripe's reference, whether or not it was expanded. */
export function idOf(reference: string | { id: string }): string {
  return typeof reference === 'string' ? reference : reference.id;
}

export function optionalId(reference: string | { id: string } | null | undefined): string | null {
  return reference ? idOf(reference) : null;
}

/** @param seconds since 1970 */
export function dateOf(seconds: number): Date {
  return new Date(seconds * 1000);
}

export function optionalDate(seconds: number | null | undefined): Date | null {
  return seconds === null || seconds === undefined ? null : dateOf(seconds);
}
