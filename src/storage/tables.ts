/** One interface per table, as the newest migration leaves it. Times are milliseconds since the epoch; `*_json` holds JSON text. */
interface Scoped {
  account_id: string;
  region: string;
}

export interface AccessKeyRow extends Scoped {
  access_key_id: string;
  role: string;
  name: string;
  /** null: every runtime. */
  limits_json: string | null;
  sealed_secret: string;
  created_at: number;
  revoked_at: number | null;
}

export interface RuntimeRow extends Scoped {
  runtime_id: string;
  name: string;
  status: string;
  failure_reason: string | null;
  newest_version: number;
  served_version: number | null;
  workload_identity_name: string;
  created_at: number;
  last_updated_at: number;
}

export interface RuntimeVersionRow {
  runtime_id: string;
  version: number;
  status: string;
  failure_reason: string | null;
  artifact_json: string;
  /** Digest of the pinned image, once known. */
  manifest: string | null;
  protocol: string;
  settings_json: string;
  created_at: number;
  last_updated_at: number;
}

export interface RuntimeEndpointRow {
  runtime_id: string;
  name: string;
  status: string;
  failure_reason: string | null;
  live_version: number | null;
  target_version: number;
  description: string | null;
  created_at: number;
  last_updated_at: number;
}

export interface WorkloadIdentityRow extends Scoped {
  name: string;
  incarnation: string;
  /** The runtime that this identity was made for; null for one made by hand. */
  owner_runtime_id: string | null;
  return_urls_json: string;
  created_at: number;
  last_updated_at: number;
}

/** A source of outside credentials. */
export interface CredentialProviderRow extends Scoped {
  /** Never used again. */
  provider_id: string;
  kind: string;
  name: string;
  /** Of OAuth2 providers: the last part of the callback URL. */
  callback_id: string | null;
  /** Of OAuth2 providers; holds no secret. */
  settings_json: string | null;
  /** Where the secret is, not the secret. */
  secret_json: string;
  sealed_secret: string | null;
  /** Counts changes. */
  revision: number;
  created_at: number;
  last_updated_at: number;
}

export interface WorkloadSigningKeyRow {
  key_id: string;
  /** Rises with each key; that of the highest signs. */
  number: number;
  sealed_secret: string;
  created_at: number;
}

/** Who may do what with a resource, in IAM's policy language, as it was given. */
export interface ResourcePolicyRow {
  arn: string;
  policy: string;
  updated_at: number;
}

/** Whose a session is, of a runtime that binds its sessions. */
export interface SessionBindingRow {
  runtime_id: string;
  session_id: string;
  owner: string;
  bound_at: number;
}

/** Never changed, and only the oldest of a trail is ever removed: triggers see to it. */
export interface AuditLogRow {
  seq: number;
  /** The chain that it is in. */
  trail: string;
  at: number;
  kind: string;
  principal: string;
  access_key_id: string | null;
  action: string;
  resource: string;
  reason: string;
  request_id: string | null;
  source_ip: string | null;
  /** How many more like it there were. */
  repeats: number;
  /** Over all of this and the hash of the entry before in its trail. */
  hash: string;
  previous_hash: string;
}

export interface TagRow {
  arn: string;
  key: string;
  value: string;
}

export interface IdempotencyRow extends Scoped {
  operation: string;
  token: string;
  parameters_sha256: string;
  status: number;
  answer_json: string;
  created_at: number;
}

export interface SessionRow extends Scoped {
  runtime_id: string;
  session_id: string;
  /** Counts the starts of this id, from 1. */
  incarnation: number;
  endpoint: string;
  version: number;
  state: string;
  sandbox_id: string | null;
  started_at: number;
  ready_at: number | null;
  last_activity_at: number;
  ended_at: number | null;
  end_reason: string | null;
  /** Set while its sandbox's memory is on disk instead, and until when that is kept. */
  hibernated_at: number | null;
  kept_until: number | null;
  /** Time it was hibernated before. */
  asleep_ms: number;
  /** The server that owns the session, until `lease_expires_at`. */
  lease_holder: string;
  lease_expires_at: number;
}

/** A sandbox's memory on disk, complete when the row is there. */
export interface CheckpointRow {
  sandbox_id: string;
  /** Its data key and the names of its files. */
  sealed_key: string;
  size_bytes: number;
  created_at: number;
}

/** Files of a session that outlive its sandboxes. */
export interface SessionStorageRow extends Scoped {
  runtime_id: string;
  session_id: string;
  /** Of the runtime: another one begins with empty storage. */
  version: number;
  volume_id: string;
  size_bytes: number;
  created_at: number;
  last_used_at: number;
}

/** A started sandbox that has no session; the claim that gives it one deletes the row. */
export interface PooledSandboxRow {
  sandbox_id: string;
  runtime_id: string;
  version: number;
  /** Hash of what it was made by. */
  blueprint: string;
  /** null until its agent was healthy. */
  ready_at: number | null;
  /** The server that owns it. */
  holder: string;
}

/** A further name of a session, gone with it. */
export interface SessionAliasRow {
  runtime_id: string;
  alias: string;
  session_id: string;
  agent_session_id: string;
}

/** Content that a repository serves. */
export interface RepositoryBlobRow {
  repository: string;
  digest: string;
  /** null for a layer or configuration; the media type for a manifest. */
  media_type: string | null;
  /** The image or index this manifest describes (OCI referrers). */
  subject: string | null;
  artifact_type: string | null;
  annotations_json: string;
  size_bytes: number;
  /** When it was linked, asked for by a push, or last lost a tag or manifest that kept it. */
  touched_at: number;
}

/** What a manifest of a repository needs of the same repository. */
export interface RepositoryReferenceRow {
  repository: string;
  manifest: string;
  digest: string;
}

export interface RepositoryTagRow {
  repository: string;
  tag: string;
  digest: string;
  updated_at: number;
}

export interface UploadRow {
  upload_id: string;
  /** null for a pull from another registry. */
  repository: string | null;
  active_at: number;
}

/** Content that is pinned in the blob store; written before the pin is set. */
export interface ContentPinRow {
  digest: string;
  touched_at: number;
}

export interface RegistryCredentialRow {
  host: string;
  username: string;
  sealed_password: string;
  created_at: number;
}

/** A user who is asked to grant something to a workload (an authorization session). */
export interface OauthConsentRow extends Scoped {
  /** Digest of the session URI, which is not kept in clear. */
  consent_id: string;
  /** Digest of what the user's link names, from which the session URI cannot be told. */
  link_digest: string;
  user_digest: string;
  workload: string;
  provider_id: string;
  callback_id: string;
  /** What it will become. */
  grant_id: string;
  state: string;
  /** Digests of `state` and the cookie of the browser that was sent to the provider last. */
  state_digest: string | null;
  cookie_digest: string | null;
  sealed_request: string;
  sealed_exchange: string | null;
  /** Only between the provider's answer and its binding to the user. */
  sealed_tokens: string | null;
  expires_at: number;
}

/** Tokens that a user granted to a workload. */
export interface OauthGrantRow extends Scoped {
  /** Digest of all that it is bound to. */
  grant_id: string;
  workload: string;
  provider_id: string;
  /** Another one whenever the tokens change. */
  version: string;
  sealed_tokens: string;
  expires_at: number | null;
  renew_at: number | null;
  /** Who refreshes it at the moment. */
  lease_holder: string | null;
  lease_expires_at: number;
  updated_at: number;
}

/** The token that a user came with. */
export interface SubjectTokenRow extends Scoped {
  subject_id: string;
  workload: string;
  sealed_token: string;
  expires_at: number;
}

export interface JobRow {
  job_id: string;
  kind: string;
  payload_json: string;
  run_after: number;
  attempts: number;
  lease_holder: string | null;
  lease_expires_at: number;
  created_at: number;
}

/** A key of Berth's own key ring. */
export interface KmsKeyRow extends Scoped {
  key_id: string;
  spec: string;
  description: string | null;
  sealed_key: string;
  /** JWK of the public half; null for a symmetric key. */
  public_key_json: string | null;
  created_at: number;
}

/** One version of the key that data keys of the vault are wrapped under. */
export interface VaultWrappingKeyRow extends Scoped {
  /** Counts from 1. */
  version: number;
  /** null where an engine outside keeps the key. */
  sealed_key: string | null;
  /** The key of the ring that it is sealed under. */
  kms_key_id: string | null;
  /** `mount/name` of the key of a transit engine. */
  transit_key: string | null;
  created_at: number;
}

/** The data key of an owner of secrets; without this row nothing of the owner can be opened. */
export interface VaultDataKeyRow extends Scoped {
  owner: string;
  wrapping_version: number;
  wrapped_key: string;
}

export interface SettingRow {
  name: string;
  value: string;
}

export interface Tables {
  access_keys: AccessKeyRow;
  runtimes: RuntimeRow;
  runtime_versions: RuntimeVersionRow;
  runtime_endpoints: RuntimeEndpointRow;
  workload_identities: WorkloadIdentityRow;
  credential_providers: CredentialProviderRow;
  workload_signing_keys: WorkloadSigningKeyRow;
  tags: TagRow;
  resource_policies: ResourcePolicyRow;
  session_bindings: SessionBindingRow;
  audit_log: AuditLogRow;
  idempotency: IdempotencyRow;
  sessions: SessionRow;
  checkpoints: CheckpointRow;
  session_storage: SessionStorageRow;
  session_aliases: SessionAliasRow;
  pooled_sandboxes: PooledSandboxRow;
  repository_blobs: RepositoryBlobRow;
  repository_references: RepositoryReferenceRow;
  repository_tags: RepositoryTagRow;
  uploads: UploadRow;
  content_pins: ContentPinRow;
  registry_credentials: RegistryCredentialRow;
  oauth_consents: OauthConsentRow;
  oauth_grants: OauthGrantRow;
  subject_tokens: SubjectTokenRow;
  jobs: JobRow;
  kms_keys: KmsKeyRow;
  vault_wrapping_keys: VaultWrappingKeyRow;
  vault_data_keys: VaultDataKeyRow;
  settings: SettingRow;
}
