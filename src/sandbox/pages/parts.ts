import { html, type Html } from '../html.js';

/** `2026-01-31`, UTC. */
export function day(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

/** `2026-01-31 10:00:00`, UTC. */
export function moment(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

/** Stands for the page of the bank at which a cardholder authenticates. */
export function bankForm(action: string): Html {
  return html`<p>Your bank asks: is it you? What follows stands for its page.</p>
    <form method="post" action="${action}">
      <button class="main" name="outcome" value="succeed">Complete authentication</button>
      <p><button name="outcome" value="fail">Fail authentication</button></p>
    </form>`;
}

/** `12,345` */
export function sized(count: number): string {
  return count.toLocaleString('en-US');
}
