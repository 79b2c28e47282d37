import { BerthError, type ErrorCode, type ErrorDetails } from '../../shared/errors.ts';

/** The error codes of the OCI distribution spec. */
export type DistributionCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DENIED'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'TOOMANYREQUESTS'
  | 'UNAUTHORIZED'
  | 'UNSUPPORTED';

/** A failure that registry clients know by name. */
export class DistributionError extends BerthError {
  readonly distributionCode: DistributionCode;

  constructor(code: ErrorCode, distributionCode: DistributionCode, message: string, details?: ErrorDetails) {
    super(code, message, details);
    this.distributionCode = distributionCode;
  }
}
