import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** How the SMTP server takes what comes: as it should, "later", "never", or by hanging up. */
export type SmtpMood = 'up' | 'later' | 'never' | 'down';

const REFUSALS = { later: [451, 'try again later'], never: [550, 'no such mailbox'] } as const;

/** An SMTP server that remembers of each Message-ID when it was accepted (real time); contents are let go. */
export class Letterbox {
  mood: SmtpMood = 'up';
  readonly accepted = new Map<string, number[]>();
  private readonly server: SMTPServer;

  private constructor() {
    this.server = new SMTPServer({
      disabledCommands: ['STARTTLS', 'AUTH'],
      closeTimeout: 50,
      onMailFrom: (_address, session, done) => {
        if (this.mood !== 'down') return done();
        // Those who are connected already are hung up on as well.
        return done(Object.assign(new Error(`going down, ${session.id}`), { responseCode: 421 }));
      },
      onConnect: (_session, done) =>
        done(this.mood === 'down' ? Object.assign(new Error('down'), { responseCode: 421 }) : null),
      onData: (stream, _session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => done(this.take(Buffer.concat(chunks).toString('latin1'))));
      },
    });
    this.server.on('error', () => undefined);
  }

  static async open(): Promise<Letterbox> {
    const letterbox = new Letterbox();
    letterbox.server.listen(0, '127.0.0.1');
    await once(letterbox.server.server, 'listening');
    return letterbox;
  }

  get url(): string {
    const address = this.server.server.address() as AddressInfo;
    return `smtp://127.0.0.1:${address.port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private take(raw: string): Error | null {
    if (this.mood === 'later' || this.mood === 'never') {
      const [responseCode, text] = REFUSALS[this.mood];
      return Object.assign(new Error(text), { responseCode });
    }
    const id = /^message-id:\s*(<[^>]+>)/im.exec(raw)?.[1] ?? '(none)';
    this.accepted.set(id, [...(this.accepted.get(id) ?? []), Date.now()]);
    return null;
  }
}
