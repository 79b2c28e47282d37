import { AgentConnection, type AgentRequest } from './agent-connection.ts';
import type { AnswerHandler } from './answer-handler.ts';

/** Connections to one agent: as many as there are requests at once, kept for the next ones a moment longer. */
export class AgentConnections {
  readonly #host: string;
  readonly #port: number;
  readonly #all = new Set<AgentConnection>();
  /** The one that was used last comes first. */
  readonly #idle: AgentConnection[] = [];
  #goneError: Error | undefined;

  constructor({ host, port }: { readonly host: string; readonly port: number }) {
    this.#host = host;
    this.#port = port;
  }

  /** Every outcome is the handler's to hear. */
  dispatch(request: AgentRequest, handler: AnswerHandler): void {
    if (this.#goneError !== undefined) {
      handler.onResponseError(this.#goneError);
      return;
    }
    let connection = this.#idle.pop();
    while (connection?.isUsable === false) connection = this.#idle.pop();
    (connection ?? this.#open()).send(request, handler);
  }

  /** Cuts them all; their requests, and any later one, fail with `error`. Idempotent. */
  destroy(error: Error): void {
    this.#goneError ??= error;
    for (const connection of this.#all) connection.abort(error);
  }

  #open(): AgentConnection {
    const connection = new AgentConnection({
      host: this.#host,
      port: this.#port,
      onIdle: (idle) => this.#idle.push(idle),
      onClosed: (closed) => {
        this.#all.delete(closed);
        const at = this.#idle.indexOf(closed);
        if (at >= 0) this.#idle.splice(at, 1);
      },
    });
    this.#all.add(connection);
    return connection;
  }
}
