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

export interface RepositoryBlobRow {
  repository: string;
  digest: string;
  /** null for a layer or configuration; the media type for a manifest. */
  media_type: string | null;
  /** The image or index this manifest describes (OCI referrers). */
  subject: string | null;
  size_bytes: number;
  created_at: number;
}

export interface RepositoryTagRow {
  repository: string;
  tag: string;
  digest: string;
  updated_at: number;
}

export interface UploadRow {
  upload_id: string;
  repository: string;
  started_at: number;
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
  repository_blobs: RepositoryBlobRow;
  repository_tags: RepositoryTagRow;
  uploads: UploadRow;
  registry_credentials: RegistryCredentialRow;
  jobs: JobRow;
  settings: SettingRow;
}
