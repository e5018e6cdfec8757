/** What became of one attempt. It succeeded exactly when `error` is null, which is when the answer was 2xx. */
export interface Outcome {
  status_code: number | null;
  error: string | null;
  /** The first 2 KB of the answer. */
  response_body: string | null;
}

export const GONE = 410;
