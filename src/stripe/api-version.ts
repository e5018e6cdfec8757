/** The API version that this code is written against: the one of the installed `stripe` package. Changed on purpose only. */
export const PINNED_API_VERSION = '2026-10-28.endive';
