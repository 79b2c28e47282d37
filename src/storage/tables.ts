/** One interface per table, as the newest migration leaves it. Times are milliseconds since the epoch; `*_json` holds JSON text. */
interface Scoped {
  account_id: string;
  region: string;
}

export interface AccessKeyRow extends Scoped {
  access_key_id: string;
  role: string;
  name: string;
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
  /** The runtime that this identity was made for; null for one made by hand. */
  owner_runtime_id: string | null;
  return_urls_json: string;
  created_at: number;
  last_updated_at: number;
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
  /** The server that owns the session, until `lease_expires_at`. */
  lease_holder: string;
  lease_expires_at: number;
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
  tags: TagRow;
  idempotency: IdempotencyRow;
  sessions: SessionRow;
  session_aliases: SessionAliasRow;
  repository_blobs: RepositoryBlobRow;
  repository_references: RepositoryReferenceRow;
  repository_tags: RepositoryTagRow;
  uploads: UploadRow;
  content_pins: ContentPinRow;
  registry_credentials: RegistryCredentialRow;
  jobs: JobRow;
  settings: SettingRow;
}
