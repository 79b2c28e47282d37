import { z } from 'zod';
import type { ServerClient } from './server-client.ts';

const summarySchema = z.looseObject({
  name: z.string(),
  credentialProviderArn: z.string(),
  /** Seconds since the epoch. */
  createdTime: z.number(),
  lastUpdatedTime: z.number(),
});

const oauthSummarySchema = z.looseObject({
  ...summarySchema.shape,
  credentialProviderVendor: z.string(),
});

const discoverySchema = z.looseObject({
  discoveryUrl: z.string().optional(),
  authorizationServerMetadata: z
    .looseObject({ issuer: z.string(), authorizationEndpoint: z.string(), tokenEndpoint: z.string() })
    .optional(),
});

/** Settings are kept as they came (`looseObject`), so that an update carries over what this client does not know. */
const oauthConfigSchema = z.looseObject({
  oauthDiscovery: discoverySchema.optional(),
  clientId: z.string().optional(),
});

const oauthProviderSchema = z.looseObject({
  ...oauthSummarySchema.shape,
  callbackUrl: z.string().optional(),
  oauth2ProviderConfigOutput: z.record(z.string(), oauthConfigSchema),
});

const madeSchema = z.looseObject({ name: z.string(), credentialProviderArn: z.string() });
const madeOauthSchema = z.looseObject({ ...madeSchema.shape, callbackUrl: z.string().optional() });

export type OauthConfig = z.infer<typeof oauthConfigSchema>;
export type OauthProviderDetails = z.infer<typeof oauthProviderSchema>;

/** The operations of AgentCore Identity that the CLI uses; failures are the client's. */
export class IdentityApi {
  readonly #client: ServerClient;

  constructor(client: ServerClient) {
    this.#client = client;
  }

  async createApiKey(settings: object) {
    return madeSchema.parse(await this.#call('CreateApiKeyCredentialProvider', settings));
  }

  async updateApiKey(settings: object) {
    return madeSchema.parse(await this.#call('UpdateApiKeyCredentialProvider', settings));
  }

  async deleteApiKey(name: string): Promise<void> {
    await this.#call('DeleteApiKeyCredentialProvider', { name });
  }

  apiKeys() {
    return this.#allPages('ListApiKeyCredentialProviders', summarySchema);
  }

  async createOauth(settings: object) {
    return madeOauthSchema.parse(await this.#call('CreateOauth2CredentialProvider', settings));
  }

  async oauth(name: string): Promise<OauthProviderDetails> {
    return oauthProviderSchema.parse(await this.#call('GetOauth2CredentialProvider', { name }));
  }

  async updateOauth(settings: object) {
    return madeOauthSchema.parse(await this.#call('UpdateOauth2CredentialProvider', settings));
  }

  async deleteOauth(name: string): Promise<void> {
    await this.#call('DeleteOauth2CredentialProvider', { name });
  }

  oauths() {
    return this.#allPages('ListOauth2CredentialProviders', oauthSummarySchema);
  }

  #call(operation: string, body: object): Promise<unknown> {
    return this.#client.json({ method: 'POST', path: `/identities/${operation}`, body });
  }

  async #allPages<Item>(operation: string, schema: z.ZodType<Item>): Promise<Item[]> {
    const pageSchema = z.object({
      credentialProviders: z.array(schema),
      nextToken: z.string().optional(),
    });
    const items: Item[] = [];
    let nextToken: string | undefined;
    do {
      const page = pageSchema.parse(await this.#call(operation, { maxResults: 20, nextToken }));
      items.push(...page.credentialProviders);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return items;
  }
}
