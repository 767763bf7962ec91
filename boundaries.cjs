// The import order of the harness, checked by dependency-cruiser (npm run check).
// A folder may import the public face of a folder above it in this list, and of host.
const order = [
  'host',
  'spec',
  'archive',
  'bundle',
  'runtime',
  'guard',
  'fault',
  'probe',
  'soak',
  'suite',
  'vitest',
  'report',
  'run',
  'prove',
  'machine',
  'cli',
]

const onlyUpwards = order.map((folder, position) => ({
  name: `${folder}-imports-only-upwards`,
  comment: `harness/${folder} may import only ${order.slice(0, position).join(', ') || 'nothing of the harness'}`,
  severity: 'error',
  from: { path: `^harness/${folder}/` },
  to: {
    path: '^(harness|suites|faults)/',
    pathNot: [
      ...order.slice(0, position + 1).map((above) => `^harness/${above}/`),
      // The command is where the harness meets the shipped suites and faults.
      ...(folder === 'cli' ? ['^(suites|faults)/index\\.ts$'] : []),
    ],
  },
}))

module.exports = {
  forbidden: [
    ...onlyUpwards,
    {
      name: 'public-faces-only',
      comment: 'A sibling is imported through its index.ts, never through a file inside it',
      severity: 'error',
      from: { path: '^harness/([^/]+)/' },
      to: { path: '^harness/([^/]+)/', pathNot: ['^harness/$1/', '^harness/[^/]+/index\\.ts$'] },
    },
    {
      name: 'suites-and-faults-use-public-faces',
      severity: 'error',
      from: { path: '^(suites|faults|bench)/' },
      to: { path: '^harness/', pathNot: ['^harness/index\\.ts$', '^harness/[^/]+/index\\.ts$'] },
    },
    {
      name: 'only-two-folders-load-vitest',
      comment:
        'The harness and the shipped suites work without vitest; harness/vitest and harness/run load it',
      severity: 'error',
      from: {
        path: '^(harness|suites|faults)/',
        pathNot: ['^harness/(vitest|run)/', '\\.(test|fixture)\\.ts$'],
      },
      to: { path: 'node_modules/vitest', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'fixtures-belong-to-tests',
      comment: 'What only tests need is not packed; the product must do without it',
      severity: 'error',
      from: { path: '^(harness|suites|faults)/', pathNot: '\\.(test|fixture)\\.ts$' },
      to: { path: '\\.fixture\\.ts$' },
    },
    {
      name: 'page-script-stands-alone',
      comment: "The HTML page's script runs in a browser: of the harness it knows the type of its data",
      severity: 'error',
      from: { path: '^harness/report/html/browser/' },
      to: { pathNot: ['^harness/report/html/browser/', '^harness/report/html/page-data\\.ts$'] },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
}
