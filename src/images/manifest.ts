import { z } from 'zod';
import { BerthError, messageOf } from '../shared/errors.ts';
import { isDigest, type Digest } from './digest.ts';
import {
  isForeignLayer,
  isIndexMediaType,
  isManifestMediaType,
  type ManifestMediaType,
  mediaTypes,
} from './media-types.ts';

/** The OCI distribution spec asks registries to take manifests of at least this size. */
export const maxManifestBytes = 4 * 1024 * 1024;

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface PlatformDescriptor extends Descriptor {
  readonly platform:
    | { readonly os: string; readonly architecture: string; readonly variant: string | undefined }
    | undefined;
}

interface ManifestCommon {
  readonly mediaType: ManifestMediaType;
  /** The manifest that this one describes (OCI referrers). */
  readonly subject: Descriptor | undefined;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface ImageManifest extends ManifestCommon {
  readonly kind: 'image';
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface ImageIndex extends ManifestCommon {
  readonly kind: 'index';
  readonly manifests: readonly PlatformDescriptor[];
}

export type Manifest = ImageManifest | ImageIndex;

/**
 * Reads an OCI or Docker v2 manifest or index. `contentType` is what it was sent as; when the document names its own media
 * type the two must agree. Throws `validation`.
 */
export function parseManifest(bytes: Uint8Array, contentType?: string): Manifest {
  if (bytes.byteLength > maxManifestBytes) {
    throw refused(`it has ${bytes.byteLength} bytes, at most ${maxManifestBytes} are allowed`);
  }
  const document = parseJson(bytes);
  const declared = mediaTypeField.safeParse(document);
  if (!declared.success) throw refused('it is not a JSON object with schemaVersion 2');
  const mediaType = agreedMediaType(contentType?.split(';')[0]?.trim(), declared.data);
  const parsed = isIndexMediaType(mediaType)
    ? indexSchema.safeParse(document)
    : imageSchema.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw refused(`${issue?.path.join('.') ?? 'document'}: ${issue?.message ?? 'unexpected content'}`);
  }
  return { ...parsed.data, mediaType };
}

/** Content that must be there before the manifest is accepted. */
export function requiredContent(manifest: Manifest): readonly Descriptor[] {
  if (manifest.kind === 'index') return manifest.manifests;
  return [manifest.config, ...manifest.layers.filter((layer) => !isForeignLayer(layer.mediaType))];
}

const mediaTypePattern = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;
const mediaTypeText = z.string().regex(mediaTypePattern, 'is not a media type');
const digestText = z.string().refine(isDigest, 'is not a sha256 digest');
const annotationMap = z.record(z.string(), z.string());

const descriptorShape = {
  mediaType: mediaTypeText,
  digest: digestText,
  size: z.int().min(0),
  artifactType: mediaTypeText.optional(),
  annotations: annotationMap.nullish(),
};
const descriptorSchema = z.object(descriptorShape).transform(toDescriptor);
const platformSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
});
const platformDescriptorSchema = z
  .object({ ...descriptorShape, platform: platformSchema.nullish() })
  .transform(({ platform, ...rest }) => ({
    ...toDescriptor(rest),
    platform: platform
      ? { os: platform.os, architecture: platform.architecture, variant: platform.variant }
      : undefined,
  }));

const commonShape = {
  subject: descriptorSchema.nullish(),
  artifactType: mediaTypeText.optional(),
  annotations: annotationMap.nullish(),
};
/** A document that could be read both ways has tricked verifiers before, so neither may hold the other's members. */
const imageSchema = z
  .object({
    ...commonShape,
    config: descriptorSchema,
    layers: z.array(descriptorSchema).max(1000),
    manifests: z.undefined('must not be present beside layers').optional(),
  })
  .transform(({ config, layers, ...common }) => ({
    kind: 'image' as const,
    config,
    layers,
    ...toCommon(common),
  }));
const indexSchema = z
  .object({
    ...commonShape,
    manifests: z.array(platformDescriptorSchema).max(1000),
    layers: z.undefined('must not be present beside manifests').optional(),
    config: z.undefined('must not be present beside manifests').optional(),
  })
  .transform(({ manifests, ...common }) => ({ kind: 'index' as const, manifests, ...toCommon(common) }));

const mediaTypeField = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  manifests: z.unknown().optional(),
});

function agreedMediaType(
  sentAs: string | undefined,
  document: z.infer<typeof mediaTypeField>,
): ManifestMediaType {
  const guessed = document.manifests === undefined ? mediaTypes.ociManifest : mediaTypes.ociIndex;
  const mediaType = document.mediaType ?? sentAs ?? guessed;
  if (sentAs !== undefined && sentAs !== mediaType)
    throw refused(`it says ${mediaType} but was sent as ${sentAs}`);
  if (!isManifestMediaType(mediaType)) {
    throw refused(
      `its media type ${mediaType} is not supported; expected one of ${Object.values(mediaTypes).join(', ')}`,
    );
  }
  return mediaType;
}

function toDescriptor(parsed: z.infer<z.ZodObject<typeof descriptorShape>>): Descriptor {
  return {
    mediaType: parsed.mediaType,
    digest: parsed.digest,
    sizeBytes: parsed.size,
    artifactType: parsed.artifactType,
    annotations: parsed.annotations ?? {},
  };
}

function toCommon(common: {
  subject?: Descriptor | null | undefined;
  artifactType?: string | undefined;
  annotations?: Record<string, string> | null | undefined;
}) {
  return {
    subject: common.subject ?? undefined,
    artifactType: common.artifactType,
    annotations: common.annotations ?? {},
  };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw refused(`it is not JSON (${messageOf(error)})`, error);
  }
}

function refused(problem: string, cause?: unknown): BerthError {
  return new BerthError('validation', `The manifest cannot be used: ${problem}.`, { cause });
}
