import type { Config } from '../config/config.ts';
import type { BlobStore } from '../images/blob-store.ts';
import { Collector } from '../images/collector.ts';
import { parseDigest } from '../images/digest.ts';
import { createImageResolver } from '../images/image-resolver.ts';
import { KeptContent } from '../images/kept-content.ts';
import { hostPlatform } from '../images/platform.ts';
import { ImagePuller, type PullEvents } from '../images/pull/image-puller.ts';
import { RegistryTransport } from '../images/pull/registry-transport.ts';
import { sqlRegistryCredentialStore } from '../images/pull/sql-registry-credential-store.ts';
import { Repositories } from '../images/repositories/repositories.ts';
import { sqlRepositoryStore } from '../images/repositories/sql-repository-store.ts';
import { sqlUploadStore } from '../images/repositories/sql-upload-store.ts';
import { Uploads } from '../images/repositories/uploads.ts';
import { sqlContentPinStore } from '../images/sql-content-pin-store.ts';
import type { ArtifactPreparation } from '../runtimes/artifact-preparation.ts';
import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { Clock } from '../shared/clock.ts';
import type { RandomSource } from '../shared/ids.ts';
import type { Database } from '../storage/database.ts';
import type { SealedBox } from '../storage/sealed-box.ts';

export interface ImagesParts {
  readonly config: Pick<Config, 'accountId' | 'publicUrl' | 'listen' | 'dockerConfigFile' | 'maxImageBytes'>;
  readonly database: Database;
  readonly sealedBox: SealedBox;
  readonly blobs: BlobStore;
  readonly driver: Pick<SandboxDriver, 'prepareImage' | 'forgetImage' | 'list'>;
  readonly events: PullEvents;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** Repositories, pulls and what runtimes need of them, over one blob store. */
export function openImages({
  config,
  database,
  sealedBox,
  blobs,
  driver,
  events,
  clock,
  random,
}: ImagesParts) {
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
  const platforms = [hostPlatform()];
  const transport = new RegistryTransport();
  const puller = new ImagePuller({
    blobs,
    kept,
    uploads: uploadStore,
    credentials: registryCredentials,
    dockerConfigFile: config.dockerConfigFile,
    transport,
    platforms,
    events,
    clock,
    random,
    maxImageBytes: config.maxImageBytes,
  });
  const images = createImageResolver({ blobs, kept, repositories, puller, localNames: config, platforms });
  const preparation: ArtifactPreparation = {
    async prepare(uri, { signal, onProgress }) {
      const image = await images.resolve(uri, {
        signal,
        onProgress: ({ phase, doneBytes, totalBytes }) =>
          onProgress({ phase, done: doneBytes, total: totalBytes }),
      });
      await driver.prepareImage(image.manifest, {
        signal,
        onProgress: (done, total) => onProgress({ phase: 'unpacking', done, total }),
      });
      return { manifest: image.manifest };
    },
    forget: (manifest) => driver.forgetImage(parseDigest(manifest)),
  };
  /** `ofVersions`: digests that versions run; those of live sandboxes are in use besides. */
  const collector = (ofVersions: () => Promise<ReadonlySet<string>>): Collector =>
    new Collector({
      blobs,
      kept,
      repositories: repositoryStore,
      uploads: uploadStore,
      clock,
      images: {
        manifestsInUse: async () => {
          const ofSandboxes = (await driver.list()).map((sandbox) => sandbox.image);
          return new Set([...(await ofVersions()), ...ofSandboxes]);
        },
      },
    });
  return {
    repositories,
    repositoryStore,
    uploads,
    registryCredentials,
    preparation,
    collector,
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}
