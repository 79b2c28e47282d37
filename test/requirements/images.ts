/** The registry, pulling, and what happens to unreferenced content: issue "main path", Images. */
export const images = {
  'images:push-pull': {
    text: 'skopeo pushes and pulls OCI and Docker v2 images and indexes through /v2/, content unchanged',
    source: 'issue main path, Images',
  },
  'images:upload': {
    text: 'A blob is uploaded in one request or in chunks, asked for, continued after a restart, and cancelled',
    source: 'OCI distribution 1.1, pushing blobs',
  },
  'images:upload-chunk-order': {
    text: 'A chunk that does not continue where the upload stands is refused with 416 and where it stands',
    source: 'OCI distribution 1.1, pushing a blob in chunks',
  },
  'images:upload-bounds': {
    text: 'Open uploads and the size of a blob are bounded; a body is streamed, never held whole',
    source: 'issue main path, Images',
  },
  'images:wrong-digest': {
    text: 'Content with another digest than named is refused with DIGEST_INVALID, and its upload is gone',
    source: 'issue main path, bad input',
  },
  'images:mount': {
    text: 'A blob of another repository is mounted without an upload, if the caller may pull it',
    source: 'issue main path, Images',
  },
  'images:linked-only': {
    text: 'A repository serves only content that was pushed or mounted to it',
    source: 'design 4, images',
  },
  'images:range': {
    text: 'A blob is read whole or by one range; HEAD tells its size',
    source: 'OCI distribution 1.1, pulling',
  },
  'images:manifests': {
    text: 'A manifest is at most 4 MiB, of a known media type, and everything it needs is in the repository with the size it names',
    source: 'OCI distribution 1.1, pushing manifests',
  },
  'images:tags': {
    text: 'Tags are listed in order, by pages with n, last and Link',
    source: 'OCI distribution 1.1, listing tags',
  },
  'images:delete': {
    text: 'Tags, manifests and blobs can be deleted; what a manifest or index needs is kept',
    source: 'issue main path, Images',
  },
  'images:referrers': {
    text: 'What describes a manifest is listed, also by artifact type',
    source: 'OCI distribution 1.1, listing referrers',
  },
  'images:names': {
    text: 'Repository names, tags and digests follow their grammar; no spelling of a path leads outside it',
    source: 'OCI distribution 1.1, pulling manifests',
  },
  'images:login': {
    text: 'docker login and skopeo get a token from /v2/token with Basic credentials; Basic is taken directly as well',
    source: 'issue main path, Images',
  },
  'images:roles': {
    text: 'Without valid credentials nothing is read or written; a token allows no more than its scope, a key no more than its role',
    source: 'issue main path, Images',
  },
  'images:reference': {
    text: "A container URI is read like Docker reads it; an ECR address of the own account and the server's own address mean the local repository",
    source: 'design 4, images',
  },
  'images:platform': {
    text: 'Only the needed platform of an index is used; an image without it is refused with the list of what it offers',
    source: 'issue main path, Images',
  },
  'images:pull': {
    text: 'Images of other registries are pulled with their token flow, three layers at a time, with progress, each blob once',
    source: 'issue main path, Images',
  },
  'images:progress': {
    text: 'How far the image of a version has come is shown by the admin API and by berth deploy; pushes and pulls are logged and counted',
    source: 'issue main path, Images (progress is visible)',
  },
  'images:pull-retry': {
    text: 'A download that breaks off is tried again and continued where it stopped',
    source: 'issue main path, Images',
  },
  'images:pull-verified': {
    text: 'A layer whose digest or size is wrong, and an image that is too large, are refused',
    source: 'issue main path, bad input',
  },
  'images:pull-safe': {
    text: 'Credentials never follow a redirect to another host; plain HTTP and redirects to this machine are for loopback registries only',
    source: 'issue main path, Images',
  },
  'images:credentials': {
    text: "Log-ins at other registries are kept sealed, or taken from Docker's own config file",
    source: 'issue main path, Images',
  },
  'images:bomb': {
    text: 'An image that unpacks to more than the host has room for is refused with the reason, and its room is free again',
    source: 'issue main path, bad input',
  },
  'images:config': {
    text: "An image's configuration is checked against its manifest before anything is started from it",
    source: 'issue main path, bad input',
  },
  'images:collection': {
    text: 'Content that no manifest, tag or version refers to is collected after a time of grace; content in use never',
    source: 'issue main path, Images',
  },
  'images:blob-store': { text: 'Every blob store keeps the contract of the port', source: 'style, tests' },
} as const;
