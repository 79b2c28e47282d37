import { type Builder, builderDifferences } from './builder.ts';
import type { Architecture, EngineManifest } from './engine-manifest.ts';

export interface ProgramCheck {
  readonly manifest: EngineManifest;
  readonly architecture: Architecture;
  readonly name: string;
  /** Of what was built. */
  readonly sha256: string;
  readonly builder: () => Promise<Pick<Builder, 'packages'>>;
}

export interface CheckResult {
  /** A sentence that says what differs and what to do; undefined when the bytes are those of engine.json. */
  readonly problem: string | undefined;
  /** False when the program is linked with C by another builder: then other bytes prove nothing. */
  readonly isComparable: boolean;
}

/** Compares a program with the hash in engine.json. */
export async function checkProgram(check: ProgramCheck): Promise<CheckResult> {
  const { manifest, architecture, name, sha256, builder } = check;
  const expected = manifest.outputs[architecture][name];
  if (expected === sha256) return { problem: undefined, isComparable: true };
  const what = `${name} for ${architecture} has the SHA-256 ${sha256}, and engine.json says ${expected ?? 'nothing'}`;
  const differences =
    manifest.programs[name]?.kind === 'go' ? [] : builderDifferences(manifest, architecture, await builder());
  if (differences.length === 0) {
    const problem = `${what}. If you changed what is built, write the new hash with --update.`;
    return { problem, isComparable: true };
  }
  const problem = `${what}, but it was built by other packages, so that it cannot be compared: ${differences.join(', ')}.`;
  return { problem, isComparable: false };
}
