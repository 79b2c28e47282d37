import type { AllowedDestination } from '../shared/allowed-destination.ts';

/**
 * What one sandbox may reach beside Berth's internal listener, which is open to all. Ranges that are closed for the whole
 * server (private, link-local, ...) stay closed under `on` and `allow-list`, but for what the operator opened.
 */
export type EgressPolicy =
  /** As the server's own setting says now, and after a restart with another one. */
  | { readonly kind: 'default' }
  /** The internet, and what the operator opened. */
  | { readonly kind: 'on' }
  /** Nothing, names of other machines included. */
  | { readonly kind: 'off' }
  /** Only these; of names, only theirs resolve. */
  | { readonly kind: 'allow-list'; readonly destinations: readonly AllowedDestination[] }
  /** Only these ranges, private ones included. */
  | {
      readonly kind: 'network';
      readonly rules: readonly NetworkRule[];
      /** IPv4 addresses. Their port 53 is open though no rule names it; empty: names do not resolve. */
      readonly nameservers: readonly string[];
    };

/** A range that a network may reach, and how. */
export interface NetworkRule {
  /** IPv4, as in `10.20.0.0/16`. */
  readonly range: string;
  readonly protocol: 'tcp' | 'udp' | 'any';
  /** First and last; undefined: all. Only with TCP or UDP. */
  readonly ports: readonly [number, number] | undefined;
}
