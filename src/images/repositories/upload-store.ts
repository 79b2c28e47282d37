/** Uploads that have begun: the blob store keeps their bytes, this keeps whose they are and when they last moved. */
export interface UploadStore {
  /** `repository` is undefined for a pull from another registry. Adding one again touches it. */
  add(uploadId: string, repository: string | undefined, nowMs: number): Promise<void>;
  isOpen(uploadId: string, repository: string): Promise<boolean>;
  touch(uploadId: string, nowMs: number): Promise<void>;
  remove(uploadId: string): Promise<void>;
  /** Uploads by clients, pulls not counted. */
  countOpen(): Promise<number>;
  listIdle(beforeMs: number): Promise<readonly string[]>;
}
