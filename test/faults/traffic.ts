import { EventEmitter, once } from 'node:events';
import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';

export interface Asked {
  path: string;
  headers: Record<string, string>;
  body: string;
}

export interface Traffic {
  /** The answers' bodies by their status. */
  answers: Map<number, unknown[]>;
  /** Resolves when that many were answered. */
  reaches(count: number): Promise<void>;
  /** Resolves when no client gets through any more, to the codes of what they met. */
  ended: Promise<string[]>;
}

interface Answer {
  status: number;
  body: unknown;
}

/** Clients that ask one after the other without pause until the server cannot be reached, half of them on kept connections. */
export function startTraffic(url: string, clients: number, ask: (number: number) => Asked): Traffic {
  const answers = new Map<number, unknown[]>();
  const progress = new EventEmitter();
  let asked = 0;
  let answered = 0;
  const ended = Array.from({ length: clients }, async (_, client) => {
    const agent = new Agent({ keepAlive: client % 2 === 0 });
    for (;;) {
      const answer = await post(url, agent, ask(asked++));
      if (typeof answer === 'string') return answer;
      answers.set(answer.status, [...(answers.get(answer.status) ?? []), answer.body]);
      progress.emit(String(++answered));
    }
  });
  return {
    answers,
    reaches: async (count) => void (answered >= count || (await once(progress, String(count)))),
    ended: Promise.all(ended),
  };
}

/** The code of the fault when there is no answer. */
function post(url: string, agent: Agent, asked: Asked): Promise<Answer | string> {
  return new Promise((resolve) => {
    const outgoing = request(new URL(asked.path, url), { agent, method: 'POST', headers: asked.headers });
    outgoing.on('response', (response) => {
      void json(response).then((body) => resolve({ status: response.statusCode ?? 0, body }));
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // A kept connection may be closed in the very moment in which it is used again; HTTP clients then take a fresh one.
      resolve(outgoing.reusedSocket ? post(url, new Agent(), asked) : (error.code ?? error.message));
    });
    outgoing.end(asked.body);
  });
}
