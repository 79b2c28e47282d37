/** One place on the internet or in an opened range that an allow-list names. */
export type AllowedDestination = AllowedName | AllowedRange;

export interface AllowedName {
  readonly kind: 'name';
  /** Lower case, without a dot at either end. */
  readonly name: string;
  /** The names below `name`, and not `name` itself. */
  readonly isWildcard: boolean;
  /** TCP and UDP; undefined: every port. */
  readonly port: number | undefined;
}

export interface AllowedRange {
  readonly kind: 'range';
  /** IPv4, as in `192.0.2.0/24`. */
  readonly range: string;
  readonly port: number | undefined;
}

const label = '[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?';
const hostName = new RegExp(`^${label}(\\.${label})+$`);
const wildcard = new RegExp(`^(\\*?\\.)(${label}(\\.${label})*)$`);
const octet = '(0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])';
const ipv4 = new RegExp(`^${octet}(\\.${octet}){3}(/(\\d|[12]\\d|3[0-2]))?$`);
const mostNameLength = 253;

/**
 * `example.com`, `.example.com` (also written `*.example.com`: every name below it), `192.0.2.7`, `192.0.2.0/24`, each with
 * `:443` behind it for one port only. Undefined for anything else.
 */
export function parseAllowedDestination(text: string): AllowedDestination | undefined {
  const [place = '', portText, ...rest] = text.toLowerCase().split(':');
  if (rest.length > 0) return undefined;
  const port = portText === undefined ? undefined : parsePort(portText);
  if (portText !== undefined && port === undefined) return undefined;
  if (ipv4.test(place)) return { kind: 'range', range: place.includes('/') ? place : `${place}/32`, port };
  const below = wildcard.exec(place)?.[2];
  const name = below ?? place;
  // A last label of digits only is a misspelt address.
  if (name.length > mostNameLength || /(^|\.)\d+$/.test(name)) return undefined;
  if (below !== undefined) return { kind: 'name', name, isWildcard: true, port };
  return hostName.test(place) ? { kind: 'name', name, isWildcard: false, port } : undefined;
}

function parsePort(text: string): number | undefined {
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}
