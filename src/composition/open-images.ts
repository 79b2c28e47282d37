import type { Config } from '../config/config.ts';
import type { BlobStore } from '../images/blob-store.ts';
import { Collector, type CollectorParts } from '../images/collector.ts';
import { parseDigest } from '../images/digest.ts';
import { readImage } from '../images/image-config.ts';
import type { PlatformsOf, ResolveOptions } from '../images/image.ts';
import { createImageResolver } from '../images/image-resolver.ts';
import { remoteBlobs } from '../images/lazy/remote-blobs.ts';
import { KeptContent } from '../images/kept-content.ts';
import { emulationWarning, runnablePlatforms } from '../images/emulation.ts';
import { hostPlatform } from '../images/platform.ts';
import { ImagePuller, type PullEvents } from '../images/pull/image-puller.ts';
import { RegistryTransport } from '../images/pull/registry-transport.ts';
import { sqlRegistryCredentialStore } from '../images/pull/sql-registry-credential-store.ts';
import { Repositories } from '../images/repositories/repositories.ts';
import { sqlRepositoryStore } from '../images/repositories/sql-repository-store.ts';
import { sqlUploadStore } from '../images/repositories/sql-upload-store.ts';
import { Uploads } from '../images/repositories/uploads.ts';
import { sqlContentPinStore } from '../images/sql-content-pin-store.ts';
import { UnpackedImages } from '../images/unpacked-images.ts';
import type { ArtifactPreparation } from '../runtimes/artifact-preparation.ts';
import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { Clock } from '../shared/clock.ts';
import type { Steps } from '../shared/steps.ts';
import type { RandomSource } from '../shared/ids.ts';
import type { Database } from '../storage/database.ts';
import type { SealedBox } from '../storage/sealed-box.ts';
import type { LazyImage } from './complete-image.ts';

export interface ImagesParts {
  readonly config: Pick<
    Config,
    'accountId' | 'publicUrl' | 'listen' | 'dockerConfigFile' | 'registryFolders' | 'maxImageBytes' | 'engine'
  >;
  readonly database: Database;
  readonly sealedBox: SealedBox;
  readonly blobs: BlobStore;
  readonly driver: Pick<
    SandboxDriver,
    | 'prepareImage'
    | 'prepareLazily'
    | 'forgetImage'
    | 'restoreImage'
    | 'lastUseOfImage'
    | 'list'
    | 'sharesKernel'
  >;
  /** Fetches the rest of an image that can start already. */
  readonly completeLater: (image: LazyImage) => Promise<void>;
  readonly events: PullEvents;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
}

interface CollectionRules extends Pick<CollectorParts, 'isInCharge'> {
  /** Digests that versions run; those of live sandboxes are in use besides. */
  ofVersions(): Promise<readonly string[]>;
}

/** Repositories, pulls and what runtimes need of them, over one blob store. */
export function openImages(parts: ImagesParts) {
  const { config, database, sealedBox, blobs, driver, events, clock, random, steps } = parts;
  const kept = new KeptContent({ blobs, store: sqlContentPinStore(database), clock });
  const repositoryStore = sqlRepositoryStore(database);
  const uploadStore = sqlUploadStore(database);
  const repositories = new Repositories({ blobs, kept, store: repositoryStore, clock, random });
  const uploads = new Uploads({
    blobs,
    store: uploadStore,
    repositories,
    clock,
    random,
    maxBlobBytes: config.maxImageBytes,
  });
  const registryCredentials = sqlRegistryCredentialStore({ database, sealedBox });
  // A kernel of its own, as gVisor's, knows nothing of the host's emulators.
  const platformsOf: PlatformsOf = async (isolation) =>
    isolation === undefined || driver.sharesKernel(isolation) ? runnablePlatforms() : [hostPlatform()];
  const transport = new RegistryTransport();
  const registries = {
    credentials: registryCredentials,
    dockerConfigFile: config.dockerConfigFile,
    registryFolders: config.registryFolders,
    transport,
  };
  const puller = new ImagePuller({
    ...registries,
    blobs,
    kept,
    uploads: uploadStore,
    platformsOf,
    events,
    clock,
    random,
    maxImageBytes: config.maxImageBytes,
    steps,
  });
  const images = createImageResolver({ blobs, kept, repositories, puller, localNames: config, platformsOf });
  const preparation: ArtifactPreparation = {
    async prepare(uri, { signal, onProgress, isolation }) {
      const options = {
        signal,
        isolation,
        onProgress: ({ phase, doneBytes, totalBytes }) =>
          onProgress({ phase, done: doneBytes, total: totalBytes }),
      } satisfies ResolveOptions;
      const isLazy = config.engine.lazyImages !== 'off';
      const image = await images.resolve(uri, { ...options, isLazy });
      const { manifest, reference, isWhole } = image;
      if (isLazy && (await driver.prepareLazily(manifest, reference))) {
        await parts.completeLater({ manifest, reference });
        return { manifest };
      }
      if (!isWhole) await images.resolve(reference, options);
      await driver.prepareImage(manifest, {
        signal,
        onProgress: (done, total) => onProgress({ phase: 'unpacking', done, total }),
      });
      return { manifest };
    },
    restore: (manifest) => driver.restoreImage(parseDigest(manifest)),
    forget: (manifest) => driver.forgetImage(parseDigest(manifest)),
  };
  const ofSandboxes = async () => (await driver.list()).map((sandbox) => sandbox.image);
  const collector = ({ ofVersions, isInCharge }: CollectionRules): Collector =>
    new Collector({
      isInCharge,
      blobs,
      kept,
      repositories: repositoryStore,
      uploads: uploadStore,
      clock,
      images: {
        manifestsInUse: async () => new Set([...(await ofVersions()), ...(await ofSandboxes())]),
      },
    });
  const unpacked = (versions: {
    all(): Promise<readonly string[]>;
    served(): Promise<readonly string[]>;
  }): UnpackedImages =>
    new UnpackedImages({
      images: {
        all: async () => (await versions.all()).map(parseDigest),
        inUse: async () => new Set([...(await versions.served()), ...(await ofSandboxes())]),
      },
      engine: {
        lastUse: driver.lastUseOfImage.bind(driver),
        forget: driver.forgetImage.bind(driver),
      },
      clock,
    });
  return {
    resolver: images,
    remoteBlobs: remoteBlobs({ ...registries, clock }),
    /** What to tell those who run the image; undefined when there is nothing. */
    warningOf: async (manifest: string) =>
      emulationWarning((await readImage(blobs, parseDigest(manifest))).platform),
    repositories,
    repositoryStore,
    uploads,
    registryCredentials,
    preparation,
    collector,
    unpacked,
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}
