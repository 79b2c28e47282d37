import type { Setting } from './setting.ts';
import { absolutePath, privateUrl, textLike } from '../shared/value-types.ts';

/** Where an OpenBao or HashiCorp Vault server keeps the vault's key. */
export const transitSettings = {
  transitUrl: {
    variable: 'BERTH_TRANSIT_URL',
    meaning:
      "OpenBao or HashiCorp Vault server whose transit engine keeps the vault's key; see identity/vault.md",
    type: privateUrl,
  },
  transitMount: {
    variable: 'BERTH_TRANSIT_MOUNT',
    default: 'transit',
    meaning: 'path where its transit engine is mounted',
    type: textLike(/^[\w-]+(\/[\w-]+)*$/, 'a path without slashes at its ends, such as transit'),
  },
  transitKey: {
    variable: 'BERTH_TRANSIT_KEY',
    default: 'berth',
    meaning: 'name of the key in that engine',
    type: textLike(/^[\w.-]+$/, 'the name of a key, such as berth'),
  },
  transitTokenFile: {
    variable: 'BERTH_TRANSIT_TOKEN_FILE',
    meaning: 'file with the token for it, as an agent keeps it fresh; read again for each call',
    type: absolutePath,
  },
  transitCaFile: {
    variable: 'BERTH_TRANSIT_CA_FILE',
    meaning: "CA certificates in PEM to trust for it instead of the system's",
    type: absolutePath,
  },
} as const satisfies Record<string, Setting>;
