/**
 * How each client family is told of a private CA: Node and its SDKs; boto3 and the aws command; requests; OpenSSL's own default
 * (Python's ssl, httpx, websockets) and Go; curl. All but Node's replace the system's roots, so the file must hold both.
 */
export function caVariables(bundleFile: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ['NODE_EXTRA_CA_CERTS', 'AWS_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'SSL_CERT_FILE', 'CURL_CA_BUNDLE'].map(
      (name) => [name, bundleFile],
    ),
  );
}
