import type { AllowedDestination } from '../../../../shared/allowed-destination.ts';

/** Ports of a name that an allow-list opens: undefined is every port; empty when the name is not in it. */
export function allowedPorts(
  destinations: readonly AllowedDestination[],
  name: string,
): readonly (number | undefined)[] {
  const ports = destinations.flatMap((destination) => {
    if (destination.kind !== 'name') return [];
    const isMeant = destination.isWildcard
      ? name.endsWith(`.${destination.name}`)
      : name === destination.name;
    return isMeant ? [destination.port] : [];
  });
  return ports.includes(undefined) ? [undefined] : [...new Set(ports)];
}
