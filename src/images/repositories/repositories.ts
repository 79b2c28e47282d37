import { createHash } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import { type RandomSource, randomText } from '../../shared/ids.ts';
import type { BlobInfo, BlobStore } from '../blob-store.ts';
import { type Digest, isDigest } from '../digest.ts';
import type { KeptContent } from '../kept-content.ts';
import { type Manifest, parseManifest, requiredContent } from '../manifest.ts';
import { DistributionError } from './distribution-error.ts';
import { isTag } from './repository-name.ts';
import type { LinkedContent, RepositoryStore } from './repository-store.ts';

export interface RepositoriesParts {
  readonly blobs: BlobStore;
  readonly kept: Pick<KeptContent, 'keep'>;
  readonly store: RepositoryStore;
  readonly clock: Clock;
  readonly random: RandomSource;
}

export interface StoredManifest extends LinkedContent {
  readonly mediaType: string;
}

/** The registry's rules: what a repository serves, takes and gives up. Failures are `DistributionError`s. */
export class Repositories {
  readonly #parts: RepositoriesParts;

  constructor(parts: RepositoriesParts) {
    this.#parts = parts;
  }

  /** Makes content of the blob store part of the repository. */
  async link(repository: string, { digest, sizeBytes }: BlobInfo): Promise<void> {
    await this.#parts.kept.keep(digest);
    await this.#parts.store.linkBlob(repository, digest, sizeBytes, this.#parts.clock.now());
  }

  /** Links a blob of another repository; undefined when that one does not serve it. */
  async mount(from: string, to: string, digest: Digest): Promise<BlobInfo | undefined> {
    const { store, blobs } = this.#parts;
    if ((await store.find(from, digest)) === undefined) return undefined;
    const info = await blobs.find(digest);
    if (info !== undefined) await this.link(to, info);
    return info;
  }

  /** Rejects with BLOB_UNKNOWN. */
  async findBlob(repository: string, digest: Digest): Promise<LinkedContent> {
    const found = await this.#parts.store.find(repository, digest);
    if (found === undefined) throw unknownBlob(repository, digest);
    return found;
  }

  /** The same for a client that will leave out the upload when the blob is there: its collection is put off. */
  async confirmBlob(repository: string, digest: Digest): Promise<LinkedContent> {
    await this.#parts.store.touch(repository, digest, this.#parts.clock.now());
    return this.findBlob(repository, digest);
  }

  /** By tag or digest. Rejects with NAME_UNKNOWN or MANIFEST_UNKNOWN. */
  async findManifest(repository: string, reference: string): Promise<StoredManifest> {
    const { store } = this.#parts;
    const digest = isDigest(reference) ? reference : await store.findTag(repository, reference);
    const found = digest === undefined ? undefined : await store.find(repository, digest);
    if (found?.mediaType !== undefined) return { ...found, mediaType: found.mediaType };
    if (!(await store.exists(repository))) {
      throw new DistributionError(
        'not-found',
        'NAME_UNKNOWN',
        `This server has no repository ${repository}. Push an image to it first.`,
      );
    }
    throw new DistributionError(
      'not-found',
      'MANIFEST_UNKNOWN',
      `The repository ${repository} has no image ${reference}.`,
    );
  }

  /** `reference` is a tag, or the digest of `bytes`. Everything that the manifest needs must be in the repository. */
  async putManifest(
    repository: string,
    reference: string,
    bytes: Uint8Array,
    contentType: string | undefined,
  ): Promise<{ readonly digest: Digest; readonly subject: Digest | undefined }> {
    const { store, blobs, kept, clock } = this.#parts;
    const digest: Digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if (!isTag(reference) && reference !== digest) {
      throw new DistributionError(
        'validation',
        'DIGEST_INVALID',
        `The manifest has the digest ${digest}, not ${reference}.`,
      );
    }
    const manifest = readManifest(bytes, contentType);
    await this.#requireContent(repository, manifest);
    const references = requiredContent(manifest).map((content) => content.digest);

    await this.#write(digest, bytes);
    await kept.keep(digest);
    await blobs.setReferences(digest, references);
    const subject = manifest.subject?.digest;
    await store.putManifest(
      repository,
      {
        digest,
        sizeBytes: bytes.byteLength,
        mediaType: manifest.mediaType,
        subject,
        artifactType:
          manifest.artifactType ?? (manifest.kind === 'image' ? manifest.config.mediaType : undefined),
        annotations: manifest.annotations,
        references,
      },
      isTag(reference) ? reference : undefined,
      clock.now(),
    );
    return { digest, subject };
  }

  /** A tag: only the tag goes. A digest: the manifest goes with its tags, unless an index needs it. */
  async removeManifest(repository: string, reference: string): Promise<void> {
    const { store, clock } = this.#parts;
    const removal = isDigest(reference)
      ? await store.removeManifest(repository, reference, clock.now())
      : await store.removeTag(repository, reference, clock.now());
    if (removal === 'in-use') {
      throw new DistributionError(
        'conflict',
        'DENIED',
        `An index of ${repository} needs ${reference}. Delete the index first.`,
      );
    }
    if (removal === 'absent' || removal === false) await this.findManifest(repository, reference);
  }

  async removeBlob(repository: string, digest: Digest): Promise<void> {
    const removal = await this.#parts.store.removeBlob(repository, digest);
    if (removal === 'in-use') {
      throw new DistributionError(
        'conflict',
        'DENIED',
        `A manifest of ${repository} needs ${digest}. Delete the manifest first.`,
      );
    }
    if (removal === 'absent') throw unknownBlob(repository, digest);
  }

  async #requireContent(repository: string, manifest: Manifest): Promise<void> {
    const { store, blobs, clock } = this.#parts;
    for (const wanted of requiredContent(manifest)) {
      await store.touch(repository, wanted.digest, clock.now());
      const linked = await store.find(repository, wanted.digest);
      const isManifestMissing = manifest.kind === 'index' && linked?.mediaType === undefined;
      const stored = linked === undefined || isManifestMissing ? undefined : await blobs.find(wanted.digest);
      if (stored === undefined) {
        throw new DistributionError(
          'validation',
          'MANIFEST_BLOB_UNKNOWN',
          `The manifest needs ${wanted.digest}, which ${repository} does not have. Push it first.`,
        );
      }
      if (stored.sizeBytes !== wanted.sizeBytes) {
        throw new DistributionError(
          'validation',
          'MANIFEST_INVALID',
          `The manifest says that ${wanted.digest} has ${wanted.sizeBytes} bytes; it has ${stored.sizeBytes}.`,
        );
      }
    }
  }

  async #write(digest: Digest, bytes: Uint8Array): Promise<void> {
    const { blobs, random } = this.#parts;
    await using writer = await blobs.openWriter(`manifest-${randomText(random, 16)}-${digest.slice(7)}`);
    await writer.write(bytes);
    await writer.commit(digest);
  }
}

function readManifest(bytes: Uint8Array, contentType: string | undefined): Manifest {
  try {
    return parseManifest(bytes, contentType);
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    throw new DistributionError('validation', 'MANIFEST_INVALID', error.message, { cause: error });
  }
}

function unknownBlob(repository: string, digest: Digest): DistributionError {
  return new DistributionError(
    'not-found',
    'BLOB_UNKNOWN',
    `The repository ${repository} has no blob ${digest}.`,
  );
}
