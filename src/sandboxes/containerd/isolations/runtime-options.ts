import type { RuntimeOptions } from '../api/containers-api.ts';

/** Of the shim `io.containerd.runc.v2`: message `containerd.runc.v1.Options` of containerd's API. */
export interface RuncOptions {
  /** The OCI runtime, absolute; the shim looks for `runc` when not set. */
  readonly binaryName?: string | undefined;
  /** Where it keeps its state. */
  readonly root?: string | undefined;
  /** User and group of the host that own what the processes' output is written to. */
  readonly ioOwner?: number | undefined;
  readonly systemdCgroup?: boolean | undefined;
}

export function runcOptions({ binaryName, root, ioOwner, systemdCgroup }: RuncOptions): RuntimeOptions {
  return {
    type_url: 'containerd.runc.v1.Options',
    value: Buffer.concat([
      numberField(4, ioOwner),
      numberField(5, ioOwner),
      textField(6, binaryName),
      textField(7, root),
      ...(systemdCgroup === true ? [Buffer.from([9 << 3, 1])] : []),
    ]),
  };
}

/** Of every other shim: message `runtimeoptions.v1.Options`, which names a file in the runtime's own format. */
export function configPathOptions(typeUrl: string, configPath: string): RuntimeOptions {
  return {
    type_url: 'runtimeoptions.v1.Options',
    value: Buffer.concat([textField(1, typeUrl), textField(2, configPath)]),
  };
}

/** A string field in protocol buffers' encoding: number and kind, length, bytes. */
function textField(number: number, text: string | undefined): Buffer {
  if (text === undefined || text === '') return Buffer.alloc(0);
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([(number << 3) | 2, ...variableLength(bytes.byteLength)]), bytes]);
}

/** An unsigned one of at most 31 bits. */
function numberField(number: number, value: number | undefined): Buffer {
  return value === undefined ? Buffer.alloc(0) : Buffer.from([number << 3, ...variableLength(value)]);
}

function variableLength(value: number): readonly number[] {
  const digits: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) digits.push((rest & 127) | 128);
  return [...digits, rest];
}
