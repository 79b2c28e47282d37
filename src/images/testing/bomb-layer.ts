import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { tarHeader } from '../../sandboxes/testing/tar.ts';
import { type SampleLayer, toBlob } from './sample-image.ts';

const mebibyte = 2 ** 20;

/** A layer with one file of zeros, which as a blob has a thousandth of its size. */
export function makeBombLayer(mebibytes: number): SampleLayer {
  const header = tarHeader({ path: 'zeros', content: '' }, mebibytes * mebibyte);
  const zeros = Buffer.alloc(mebibyte);
  const end = Buffer.alloc(1024);
  const hash = createHash('sha256').update(header);
  for (let count = 0; count < mebibytes; count += 1) hash.update(zeros);
  hash.update(end);
  // Streams of gzip that follow each other are one stream.
  const packedZeros = gzipSync(zeros);
  const packed = [gzipSync(header), ...Array.from({ length: mebibytes }, () => packedZeros), gzipSync(end)];
  return {
    blob: toBlob(Buffer.concat(packed), 'application/vnd.oci.image.layer.v1.tar+gzip'),
    diffId: `sha256:${hash.digest('hex')}`,
  };
}
