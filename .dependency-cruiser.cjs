/** The import table of ARCHITECTURE.md, as rules. */
const allowed = {
  shared: [],
  tls: ['shared'],
  config: ['shared'],
  storage: ['shared'],
  observability: ['shared'],
  auth: ['shared', 'storage'],
  images: ['shared', 'storage'],
  runtimes: ['shared', 'storage'],
  sandboxes: ['shared', 'images'],
  identity: ['shared', 'storage'],
  sessions: ['shared', 'storage', 'runtimes', 'sandboxes'],
  invocations: ['shared', 'sessions', 'runtimes', 'sandboxes'],
  handover: ['shared', 'runtimes', 'sandboxes', 'sessions'],
  api: ['shared', 'config', 'storage', 'observability', 'auth', 'images', 'runtimes', 'sandboxes', 'identity', 'sessions', 'invocations', 'tls'],
  cli: ['shared', 'config'],
  composition: ['api', 'auth', 'config', 'handover', 'identity', 'images', 'invocations', 'observability', 'runtimes', 'sandboxes', 'sessions', 'shared', 'storage', 'tls'],
};
const folders = Object.keys(allowed);

const boundaries = folders.map((folder) => ({
  name: `${folder}-imports`,
  comment: `src/${folder} may import only: ${allowed[folder].join(', ') || 'nothing of src'}. Move the code, or declare a port in src/${folder} and let server.ts hand in the implementation.`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: `^src/(${[folder, ...allowed[folder]].join('|')})/` },
}));

/** Outside libraries that have one home. */
const homes = {
  fastify: ['api'],
  kysely: ['storage', '[a-z/-]+/sql-[a-z-]+\\.ts'],
  '@grpc/': ['sandboxes/containerd'],
  'dns-packet': ['sandboxes/containerd/network'],
  commander: ['cli', 'main\\.ts'],
  jose: ['auth', 'identity'],
  'openid-client': ['identity'],
  'oidc-provider': ['auth/jwt/testing', 'identity/testing'],
  pino: ['observability'],
  '@opentelemetry/': ['observability/otlp'],
  '@peculiar/': ['tls'],
};
const libraries = Object.entries(homes).map(([library, places]) => ({
  name: `${library.replace(/\W/g, '')}-home`,
  comment: `${library} is used only in src/${places.join(' and src/')}.`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/(${places.join('|')})` },
  to: { path: `node_modules/${library}` },
}));

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or a third holds what both need.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'storage-only-in-sql-files',
      comment: 'Only <noun>/sql-*.ts, api and server.ts may know the database.',
      severity: 'error',
      from: { path: '^src/(auth|images|runtimes|identity|sessions)/', pathNot: '/sql-[a-z-]+\\.ts$|\\.test\\.ts$|/testing/' },
      to: { path: '^src/storage/' },
    },
    {
      name: 'drivers-stay-apart',
      comment: 'Only composition/ names a concrete driver.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(sandboxes/containerd/|sandboxes/testing/|composition/)' },
      to: { path: '^src/sandboxes/containerd/' },
    },
    ...boundaries,
    ...libraries,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.cjs', '.mjs'] },
  },
};
