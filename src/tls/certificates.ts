import { createHash, createPublicKey, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';

/** Milliseconds since the Unix epoch. */
export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface AuthorityRequest {
  readonly commonName: string;
  readonly key: KeyObject;
  /** DNS names, which stand for those below them too, IP addresses and ranges: it can sign for nothing else. */
  readonly permitted: readonly string[];
  readonly validity: Validity;
}

export interface Issuer {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

export interface ServerCertificateRequest {
  /** DNS names and IP addresses. */
  readonly names: readonly string[];
  readonly publicKey: KeyObject;
  readonly validity: Validity;
}

/** ecdsa-with-SHA256 (RFC 5758 3.2); keys are on P-256. */
const signatureAlgorithm = new x509.AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.2' });
const commonNameType = '2.5.4.3';

/** A certificate authority that signs itself; its name constraints are critical (RFC 5280 4.2.1.10). */
export function makeAuthorityCertificate(request: AuthorityRequest): X509Certificate {
  const { commonName, key, permitted, validity } = request;
  const publicKey = createPublicKey(key);
  const permittedSubtrees = new x509.GeneralSubtrees(
    permitted.map((name) => new x509.GeneralSubtree({ base: generalName(name) })),
  );
  const name = nameOf(commonName);
  return signed(key, {
    issuer: name,
    subject: name,
    publicKey,
    validity,
    extensions: [
      critical(x509.id_ce_basicConstraints, new x509.BasicConstraints({ cA: true, pathLenConstraint: 0 })),
      critical(
        x509.id_ce_keyUsage,
        new x509.KeyUsage(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign),
      ),
      critical(x509.id_ce_nameConstraints, new x509.NameConstraints({ permittedSubtrees })),
      extension(x509.id_ce_subjectKeyIdentifier, new x509.SubjectKeyIdentifier(keyIdOf(publicKey))),
    ],
  });
}

/** A server's certificate, good for all of its names. */
export function makeServerCertificate(issuer: Issuer, request: ServerCertificateRequest): X509Certificate {
  const { names, publicKey, validity } = request;
  const keyIdentifier = new x509.KeyIdentifier(keyIdOf(issuer.certificate.publicKey));
  return signed(issuer.key, {
    issuer: AsnConvert.parse(issuer.certificate.raw, x509.Certificate).tbsCertificate.subject,
    subject: nameOf('Berth server'),
    publicKey,
    validity,
    extensions: [
      critical(x509.id_ce_basicConstraints, new x509.BasicConstraints({ cA: false })),
      critical(x509.id_ce_keyUsage, new x509.KeyUsage(x509.KeyUsageFlags.digitalSignature)),
      extension(x509.id_ce_extKeyUsage, new x509.ExtendedKeyUsage([x509.id_kp_serverAuth])),
      extension(x509.id_ce_subjectAltName, new x509.SubjectAlternativeName(names.map(generalName))),
      extension(x509.id_ce_authorityKeyIdentifier, new x509.AuthorityKeyIdentifier({ keyIdentifier })),
      extension(x509.id_ce_subjectKeyIdentifier, new x509.SubjectKeyIdentifier(keyIdOf(publicKey))),
    ],
  });
}

interface Content {
  readonly issuer: x509.Name;
  readonly subject: x509.Name;
  readonly publicKey: KeyObject;
  readonly validity: Validity;
  readonly extensions: x509.Extension[];
}

function signed(key: KeyObject, content: Content): X509Certificate {
  const { issuer, subject, publicKey, validity, extensions } = content;
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: serialNumber(),
    signature: signatureAlgorithm,
    issuer,
    subject,
    validity: new x509.Validity({
      notBefore: new Date(validity.fromMs),
      notAfter: new Date(validity.untilMs),
    }),
    subjectPublicKeyInfo: AsnConvert.parse(spkiOf(publicKey), x509.SubjectPublicKeyInfo),
    extensions: new x509.Extensions(extensions),
  });
  const signatureValue = toArrayBuffer(
    sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), key),
  );
  const certificate = new x509.Certificate({ tbsCertificate, signatureAlgorithm, signatureValue });
  return new X509Certificate(Buffer.from(AsnConvert.serialize(certificate)));
}

function extension(extnID: string, value: unknown, isCritical = false): x509.Extension {
  const extnValue = new OctetString(AsnConvert.serialize(value));
  return new x509.Extension({ extnID, critical: isCritical, extnValue });
}

function critical(extnID: string, value: unknown): x509.Extension {
  return extension(extnID, value, true);
}

function generalName(name: string): x509.GeneralName {
  const isAddress = isIP(name.split('/')[0] ?? '') !== 0;
  return new x509.GeneralName(isAddress ? { iPAddress: name } : { dNSName: name });
}

function nameOf(commonName: string): x509.Name {
  const value = new x509.AttributeValue({ utf8String: commonName });
  return new x509.Name([
    new x509.RelativeDistinguishedName([new x509.AttributeTypeAndValue({ type: commonNameType, value })]),
  ]);
}

/** 16 random bytes, positive and without leading zeros. */
function serialNumber(): ArrayBuffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return toArrayBuffer(bytes);
}

function keyIdOf(publicKey: KeyObject): ArrayBuffer {
  return toArrayBuffer(createHash('sha256').update(spkiOf(publicKey)).digest().subarray(0, 20));
}

function spkiOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' });
}

function toArrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
