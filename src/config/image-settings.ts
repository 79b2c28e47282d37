import type { Setting } from './setting.ts';
import { oneOf, pathList, percentage } from '../shared/value-types.ts';

/** Where images come from, and how much room they may take. */
export const imageSettings = {
  registryCerts: {
    variable: 'BERTH_REGISTRY_CERTS',
    default: '/etc/containerd/certs.d,/etc/docker/certs.d',
    meaning:
      'folders with mirrors and CAs of registries, in the layout of containerd or Docker; see images.md',
    type: pathList,
  },
  lazyImages: {
    variable: 'BERTH_LAZY_IMAGES',
    default: 'auto',
    meaning: 'whether eStargz images may start before they are wholly here; `on` warns where they cannot',
    type: oneOf(['auto', 'on', 'off']),
  },
  imageStoreHigh: {
    variable: 'BERTH_IMAGE_STORE_HIGH',
    default: '85%',
    meaning: 'share of the disk in use from which unused images are collected early',
    type: percentage,
  },
  imageStoreLow: {
    variable: 'BERTH_IMAGE_STORE_LOW',
    default: '80%',
    meaning: 'share of the disk in use at which that ends',
    type: percentage,
  },
} as const satisfies Record<string, Setting>;
