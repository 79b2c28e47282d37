/** What `docker` and OCI tools call the same things. */
export const mediaTypes = {
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
} as const;

export type ManifestMediaType = (typeof mediaTypes)[keyof typeof mediaTypes];

const manifestTypes: ReadonlySet<string> = new Set(Object.values(mediaTypes));
const imageConfigTypes: ReadonlySet<string> = new Set([
  'application/vnd.oci.image.config.v1+json',
  'application/vnd.docker.container.image.v1+json',
]);
const layerCompressions: Readonly<Record<string, LayerCompression>> = {
  'application/vnd.oci.image.layer.v1.tar': 'none',
  'application/vnd.oci.image.layer.v1.tar+gzip': 'gzip',
  'application/vnd.oci.image.layer.v1.tar+zstd': 'zstd',
  'application/vnd.docker.image.rootfs.diff.tar': 'none',
  'application/vnd.docker.image.rootfs.diff.tar.gzip': 'gzip',
  'application/vnd.docker.image.rootfs.diff.tar.zstd': 'zstd',
};

export type LayerCompression = 'none' | 'gzip' | 'zstd';

export function isManifestMediaType(mediaType: string): mediaType is ManifestMediaType {
  return manifestTypes.has(mediaType);
}

export function isIndexMediaType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerList;
}

export function isImageConfigMediaType(mediaType: string): boolean {
  return imageConfigTypes.has(mediaType);
}

/** undefined for anything that is not a file system layer. */
export function layerCompression(mediaType: string): LayerCompression | undefined {
  return layerCompressions[mediaType];
}

/** Layers that their makers forbid to redistribute: registries hold the manifest without them. */
export function isForeignLayer(mediaType: string): boolean {
  return (
    mediaType.includes('.nondistributable.') ||
    mediaType === 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'
  );
}
