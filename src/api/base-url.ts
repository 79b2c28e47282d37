/** Base of a URL in an answer: what the operator has set, or the server as its caller knows it; undefined without a usable Host header. */
export function baseUrlFor(host: string | undefined, publicUrl: string | undefined): string | undefined {
  return publicUrl ?? URL.parse(`http://${host}`)?.origin;
}
