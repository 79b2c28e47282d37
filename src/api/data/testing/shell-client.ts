import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { decodeShellFrame, encodeShellFrame, type ShellChannel } from '../../../shared/shell-frames.ts';
import { sessionNamed } from '../../../sessions/testing/sessions-fixture.ts';
import { type DataPlaneFixture, echoPath, sessionHeader } from './data-plane-fixture.ts';
import type { WebSocketCall } from './websocket-client.ts';
import { connect } from './websocket-pairs.ts';

export interface ShellCall extends WebSocketCall {
  readonly shell?: string;
  readonly session?: string;
}

export function shellCall({ shell, session = 's1', headers, ...call }: ShellCall = {}): WebSocketCall {
  // Browsers have no other header than those of the sub-protocols.
  const authorization = call.protocols === undefined ? { authorization: 'KEY admin' } : {};
  return {
    path: `${echoPath}/ws/shells${shell === undefined ? '' : `?shellId=${shell}`}`,
    headers: { ...authorization, [sessionHeader]: sessionNamed(session), ...headers },
    ...call,
  };
}

/** Somebody at a shell, who remembers all that it said. */
export class ShellUser {
  readonly socket: WebSocket;
  readonly headers: IncomingMessage['headers'];
  /** Resolves with the code of the Close frame. */
  readonly closed: Promise<number>;
  readonly statuses: unknown[] = [];
  readonly channels: ShellChannel[] = [];
  output = '';

  private constructor(socket: WebSocket, headers: IncomingMessage['headers']) {
    this.socket = socket;
    this.headers = headers;
    this.closed = once(socket, 'close').then(([code]) => Number(code));
    socket.on('message', (data: Buffer) => {
      const frame = decodeShellFrame(data);
      if (frame === undefined) return;
      this.channels.push(frame.channel);
      if (frame.channel === 'stdout') this.output += frame.payload.toString();
      if (frame.channel === 'status') this.statuses.push(JSON.parse(frame.payload.toString()));
    });
  }

  static async open(fixture: DataPlaneFixture, call: ShellCall = {}): Promise<ShellUser> {
    let user: ShellUser | undefined;
    await connect(fixture, {
      ...shellCall(call),
      onUpgrade: (socket, headers) => (user = new ShellUser(socket, headers)),
    });
    if (user === undefined) throw new Error('The WebSocket was not opened.');
    await user.until(({ statuses }) => statuses.length > 0);
    return user;
  }

  send(channel: ShellChannel, payload: Uint8Array | string = ''): void {
    this.socket.send(encodeShellFrame(channel, payload));
  }

  type(line: string): void {
    this.send('stdin', `${line}\n`);
  }

  /** Resolves when what it has seen is as wanted. */
  async until(isWanted: (user: ShellUser) => boolean): Promise<void> {
    while (!isWanted(this)) await once(this.socket, 'message');
  }

  /** Runs a line and returns what came of it. */
  async run(line: string): Promise<string> {
    const [begin, end] = ['BEGIN:', ':END'];
    // Typed in pieces, so that the echo of what was typed is no answer.
    this.type(`printf '%s%s' BEG IN:; ${line}; printf '%s%s' :E ND`);
    const from = this.output.length;
    await this.until(({ output }) => output.includes(end, from));
    const answer = this.output.slice(this.output.indexOf(begin, from) + begin.length);
    return answer.slice(0, answer.indexOf(end)).replaceAll('\r\n', '\n');
  }
}
