import { z } from 'zod';
import type { ServerClient } from './server-client.ts';

const runtimeSummarySchema = z.object({
  agentRuntimeId: z.string(),
  agentRuntimeArn: z.string(),
  agentRuntimeName: z.string(),
  agentRuntimeVersion: z.string(),
  status: z.string(),
  description: z.string().optional(),
  lastUpdatedAt: z.string().optional(),
});

/** Settings are kept as they came (`looseObject`), so that a re-deploy carries over what this client does not know. */
const runtimeSchema = z.looseObject({
  ...runtimeSummarySchema.shape,
  createdAt: z.string().optional(),
  roleArn: z.string(),
  failureReason: z.string().optional(),
  agentRuntimeArtifact: z
    .looseObject({ containerConfiguration: z.looseObject({ containerUri: z.string() }).optional() })
    .optional(),
  protocolConfiguration: z.looseObject({ serverProtocol: z.string() }).optional(),
  lifecycleConfiguration: z
    .looseObject({ idleRuntimeSessionTimeout: z.number().optional(), maxLifetime: z.number().optional() })
    .optional(),
  authorizerConfiguration: z
    .looseObject({ customJWTAuthorizer: z.looseObject({ discoveryUrl: z.string() }).optional() })
    .optional(),
  environmentVariables: z.record(z.string(), z.string()).optional(),
});

const changedRuntimeSchema = z.looseObject({
  agentRuntimeId: z.string(),
  agentRuntimeArn: z.string(),
  agentRuntimeVersion: z.string(),
  status: z.string(),
});

const endpointSchema = z.looseObject({
  name: z.string(),
  status: z.string(),
  agentRuntimeEndpointArn: z.string().optional(),
  liveVersion: z.string().optional(),
  targetVersion: z.string().optional(),
  description: z.string().optional(),
  failureReason: z.string().optional(),
  lastUpdatedAt: z.string().optional(),
});

const tagsSchema = z.object({ tags: z.record(z.string(), z.string()).default({}) });

const changedEndpointSchema = z.looseObject({ status: z.string() });

export type RuntimeSummary = z.infer<typeof runtimeSummarySchema>;
export type RuntimeDetails = z.infer<typeof runtimeSchema>;
export type ChangedRuntime = z.infer<typeof changedRuntimeSchema>;
export type EndpointDetails = z.infer<typeof endpointSchema>;

/** The operations of the public control plane that the CLI uses; failures are the client's. */
export class RuntimesApi {
  readonly #client: ServerClient;

  constructor(client: ServerClient) {
    this.#client = client;
  }

  list(): Promise<RuntimeSummary[]> {
    return this.#allPages('POST', '/runtimes/', 'agentRuntimes', runtimeSummarySchema);
  }

  versions(id: string): Promise<RuntimeSummary[]> {
    return this.#allPages('POST', `${runtimePath(id)}versions/`, 'agentRuntimes', runtimeSummarySchema);
  }

  async get(id: string, version?: string): Promise<RuntimeDetails> {
    return runtimeSchema.parse(
      await this.#client.json({ method: 'GET', path: runtimePath(id), query: { version } }),
    );
  }

  async create(settings: object): Promise<ChangedRuntime> {
    return changedRuntimeSchema.parse(
      await this.#client.json({ method: 'PUT', path: '/runtimes/', body: settings }),
    );
  }

  async update(id: string, settings: object): Promise<ChangedRuntime> {
    return changedRuntimeSchema.parse(
      await this.#client.json({ method: 'PUT', path: runtimePath(id), body: settings }),
    );
  }

  async delete(id: string, version?: string): Promise<void> {
    await this.#client.json({ method: 'DELETE', path: runtimePath(id), query: { version } });
  }

  async tags(arn: string): Promise<Readonly<Record<string, string>>> {
    return tagsSchema.parse(await this.#client.json({ method: 'GET', path: tagsPath(arn) })).tags;
  }

  async tag(arn: string, tags: Readonly<Record<string, string>>): Promise<void> {
    await this.#client.json({ method: 'POST', path: tagsPath(arn), body: { tags } });
  }

  async untag(arn: string, keys: readonly string[]): Promise<void> {
    await this.#client.json({ method: 'DELETE', path: tagsPath(arn), query: { tagKeys: keys } });
  }

  endpoints(id: string): Promise<EndpointDetails[]> {
    return this.#allPages('POST', `${runtimePath(id)}runtime-endpoints/`, 'runtimeEndpoints', endpointSchema);
  }

  async endpoint(id: string, name: string): Promise<EndpointDetails> {
    return endpointSchema.parse(await this.#client.json({ method: 'GET', path: endpointPath(id, name) }));
  }

  async createEndpoint(id: string, settings: object): Promise<void> {
    const path = `${runtimePath(id)}runtime-endpoints/`;
    changedEndpointSchema.parse(await this.#client.json({ method: 'PUT', path, body: settings }));
  }

  async updateEndpoint(id: string, name: string, settings: object): Promise<void> {
    changedEndpointSchema.parse(
      await this.#client.json({ method: 'PUT', path: endpointPath(id, name), body: settings }),
    );
  }

  async deleteEndpoint(id: string, name: string): Promise<void> {
    await this.#client.json({ method: 'DELETE', path: endpointPath(id, name) });
  }

  async #allPages<Item>(
    method: string,
    path: string,
    member: string,
    schema: z.ZodType<Item>,
  ): Promise<Item[]> {
    const pageSchema = z.looseObject({ [member]: z.array(schema), nextToken: z.string().optional() });
    const items: Item[] = [];
    let nextToken: string | undefined;
    do {
      const answer = await this.#client.json({ method, path, query: { maxResults: '100', nextToken } });
      const page = pageSchema.parse(answer);
      items.push(...z.array(schema).parse(page[member]));
      nextToken = z.string().optional().parse(page['nextToken']);
    } while (nextToken !== undefined);
    return items;
  }
}

function runtimePath(id: string): string {
  return `/runtimes/${encodeURIComponent(id)}/`;
}

function tagsPath(arn: string): string {
  return `/tags/${encodeURIComponent(arn)}`;
}

function endpointPath(id: string, name: string): string {
  return `${runtimePath(id)}runtime-endpoints/${encodeURIComponent(name)}/`;
}
