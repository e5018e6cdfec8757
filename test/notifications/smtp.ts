import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import PostalMime from 'postal-mime';
import type { Email as Message } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

export interface Smtp {
  url: string;
  /** What was accepted, parsed. */
  messages: Message[];
  /** Every Message-ID that was offered, also those that were refused. */
  offered: string[];
  /** How the next messages are answered; null: accepted. */
  refuse: { code: number; text: string } | null;
  stop(): Promise<void>;
}

/** A real SMTP server on a free port. @param port to come back where one was before */
export async function startSmtp(port = 0): Promise<Smtp> {
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    // The app keeps its connections open.
    closeTimeout: 50,
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => void accept(Buffer.concat(chunks), done));
    },
  });
  const accept = async (raw: Buffer, done: (error?: Error | null) => void): Promise<void> => {
    const message = await PostalMime.parse(raw);
    smtp.offered.push(message.messageId ?? '');
    if (smtp.refuse) return done(Object.assign(new Error(smtp.refuse.text), { responseCode: smtp.refuse.code }));
    smtp.messages.push(message);
    done();
  };
  server.on('error', () => undefined);
  server.listen(port, '127.0.0.1');
  await once(server.server, 'listening');
  const address = server.server.address() as AddressInfo;
  const smtp: Smtp = {
    url: `smtp://127.0.0.1:${address.port}`,
    messages: [],
    offered: [],
    refuse: null,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return smtp;
}
