/**
 * Where AWS SDKs look for credentials by themselves, at port 80. From inside a sandbox both lead to Berth's internal listener and to
 * nothing else; SDKs take credentials over plain HTTP from no other addresses.
 */
export const containerCredentialsHost = '169.254.170.2';
export const instanceMetadataHost = '169.254.169.254';

/** For AWS_CONTAINER_CREDENTIALS_RELATIVE_URI. */
export const containerCredentialsPath = '/role/credentials';
