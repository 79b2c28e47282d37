import { runTool } from './run-tool.ts';

/** The Go toolchain of engine.json, with nothing of the user's settings that could change what it builds. */
export interface GoTool {
  run(args: readonly string[], options?: GoOptions): Promise<string>;
}

export interface GoOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** `buildCache`: a folder instead of the user's build cache, for builds from scratch. Throws when there is no Go to begin with. */
export async function openGoTool(version: string, buildCache: string | undefined): Promise<GoTool> {
  const env = {
    GOTOOLCHAIN: `go${version}`,
    GOFLAGS: '',
    GOWORK: 'off',
    GOEXPERIMENT: '',
    GO111MODULE: 'on',
    GOOS: 'linux',
    GOAMD64: 'v1',
    GOARM64: 'v8.0',
    ...(buildCache !== undefined && { GOCACHE: buildCache }),
  };
  const run = (args: readonly string[], { cwd, env: more }: GoOptions = {}) =>
    runTool('go', args, { env: { ...env, ...more }, ...(cwd !== undefined && { cwd }) });
  const said = await run(['env', 'GOVERSION']).catch((error: unknown) => {
    throw new Error('Go 1.21 or newer is needed to build the engine: https://go.dev/dl/', { cause: error });
  });
  if (said.trim() !== `go${version}`)
    throw new Error(`The toolchain go${version} is needed, and ${said.trim()} came.`);
  return { run };
}
