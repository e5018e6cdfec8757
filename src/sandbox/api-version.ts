/** The one version that this sandbox speaks: the one that the installed `stripe` package is generated from. */
export const API_VERSION = '2026-10-28.endive';
