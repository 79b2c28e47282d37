import type { IncomingHttpHeaders } from 'node:http';
import type { KeyPrincipal, Principal, SigningPrincipal } from './principal.ts';

/** The head of a request as it arrived; `rawUrl` is path and query, still encoded. */
export interface RequestHead {
  readonly method: string;
  readonly rawUrl: string;
  readonly headers: IncomingHttpHeaders;
  /** The server's address as the caller knows it, for URLs in answers. */
  readonly origin?: () => string | undefined;
  /** Names and values in turn, as they arrived: with them a repeated Authorization header is seen and refused. */
  readonly rawHeaders?: readonly string[];
  /** What it came on, for callers that are known by their address. */
  readonly connection?: Connection;
  /** For the audit log. */
  readonly requestId?: string;
}

/** A TCP connection, as `net.Socket` knows it. */
export interface Connection {
  readonly localAddress?: string | undefined;
  readonly remoteAddress?: string | undefined;
}

/**
 * A request whose head is in order. When the caller signed the body's hash in `x-amz-content-sha256` the signature is already
 * verified and only the body is open; otherwise nothing is proven before `verifyBody`.
 */
export interface PendingAuthentication<Who extends Principal = Principal> {
  /** Lower-case hex, when the caller named it; then the principal is already authentic. */
  readonly claimedBodySha256: string | undefined;
  /** False for a bearer token: its holder is authentic, whatever the body is. */
  readonly isBodySigned: boolean;
  readonly principal: Who;
  /** Throws `invalid-signature` when the body (its SHA-256, lower-case hex) is not the one that was signed. */
  verifyBody(bodySha256: string): Who;
}

export interface Authenticator<Who extends SigningPrincipal = KeyPrincipal> {
  /** Judges the head as it arrives. Throws `missing-authentication`, `unrecognized-client` or `invalid-signature`. */
  begin(head: RequestHead): Promise<PendingAuthentication<Who>>;
}
