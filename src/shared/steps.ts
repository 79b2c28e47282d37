/**
 * Moments at which a server may die and the next one finds half-made work. They are named where they happen, so that a test can
 * kill the server at each of them; whoever adds work in several steps adds its names here.
 */
export const stepNames = [
  'start:claimed',
  'start:resources-claimed',
  'start:container-created',
  'start:task-created',
  'start:task-started',
  'start:ready',
  'start:saved',
  'relay:acquired',
  'relay:head',
  'relay:over',
  'stop:saved',
  'stop:task-ended',
  'stop:container-removed',
  'stop:released',
  'stop:ended',
  'freeze:frozen',
  'thaw:thawed',
  'hibernate:written',
  'hibernate:stopped',
  'hibernate:memory-read',
  'hibernate:sealed',
  'hibernate:kept',
  'hibernate:saved',
  'park:task-ended',
  'park:released',
  'wake:brought-back',
  'wake:loaded',
  'wake:task-created',
  'wake:committed',
  'wake:task-started',
  'wake:ready',
  'wake:saved',
  'pool:added',
  'pool:started',
  'pool:ready',
  'claim:thawed',
  'claim:written',
  'pull:config-written',
  'pull:layers-written',
  'pull:manifest-written',
  'pull:kept',
  'pull:referenced',
  'unpack:prepared',
  'unpack:applied',
  'unpack:committed',
  'unpack:labelled',
  'handover:paused',
  'handover:locked',
  'handover:recovered',
  'handover:serving',
  'handover:given',
] as const;

export type StepName = (typeof stepNames)[number];

/** Told of each step as it is reached, before anything else happens. A server that serves has none. */
export interface Steps {
  reached(step: StepName): void;
}
