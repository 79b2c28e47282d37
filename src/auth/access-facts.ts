import type { PolicyDocument } from './policies/policy-document.ts';

/** What limits of keys and resource policies look at, of one runtime. */
export interface RuntimeFacts {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Of the runtime itself. */
  readonly policy: PolicyDocument | undefined;
  endpoint(name: string): EndpointFacts;
}

/** Of an endpoint that is not there: nothing. */
export interface EndpointFacts {
  readonly tags: Readonly<Record<string, string>>;
  readonly policy: PolicyDocument | undefined;
}

/** Answers from memory once asked; a committed change counts from the next question on. */
export interface AccessFacts {
  /** Undefined for a runtime that is not there. `runtimeId` is whatever a caller wrote. */
  find(runtimeId: string): RuntimeFacts | undefined | Promise<RuntimeFacts | undefined>;
}
