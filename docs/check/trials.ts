/** How a command of the documents is tried. */
export interface Trial {
  /** What is carried out in its place. */
  readonly instead?: string
  /** How it has to end. */
  readonly exitCode: number
  /** In a runtime's repository, in this checkout, or in a copy of it without what is installed and built. */
  readonly where: 'repository' | 'checkout' | 'copy'
  /** A program without which it cannot be tried. */
  readonly needs?: string
  /** Why it is not tried at all. */
  readonly untried?: string
}

const bootsElsewhere = 'a boot takes long, and harness/cli/run-vm.runtime.test.ts boots such a machine'

/**
 * How the commands are tried that are not tried as they stand, in a runtime's repository, ending in 0: mostly by one suite
 * in place of all of them. The repository's runtime (pages.fixture.ts) fails tests of the suite `state` and no others.
 */
export const trials: Readonly<Record<string, Partial<Trial>>> = {
  // The packed package is installed already, with vitest 4.
  'npm install --save-dev runwright vitest@4': { instead: 'npx runwright --version' },
  'npm ci': { instead: 'npx runwright --version' },
  make: { untried: 'the runtime of these tests needs no building' },
  'cat results/summary.md >> "$GITHUB_STEP_SUMMARY"': { instead: 'cat results/summary.md' },

  // What is done in a checkout.
  'npm ci && npm start': { where: 'copy', instead: 'npm ci && npm start -- annotations' },
  'npm test': { where: 'copy', instead: 'npm test -- --project unit harness/host/signals.test.ts' },
  'npm ci && npm run build': { where: 'copy', instead: 'test -d node_modules || npm ci; npm run build' },
  'sudo node dist/harness/cli/main.js setup': { where: 'copy' },
  'npm run check': { where: 'copy', instead: 'npx biome check --error-on-warnings harness/cli' },
  'sudo npm test': { where: 'copy', instead: 'sudo npm test -- --project unit harness/host/signals.test.ts' },
  'npm run bench': { where: 'checkout', instead: 'npm run bench -- bench/bundles.bench.ts -t again' },
  'RUNWRIGHT_BENCH=guard npm run bench': {
    untried: 'figures of this machine, which others use at the same time',
  },
  'RUNWRIGHT_BENCH=record npm run bench': { untried: 'it replaces the recorded figures' },
  // These tests run beside this one.
  'npx vitest run --project runtime harness/guard harness/cli/run': {
    where: 'checkout',
    instead:
      'npx vitest list --filesOnly --project runtime harness/guard harness/cli/run | grep -F run-kills',
  },
  "RUNWRIGHT_TEST_KILLS=500 npx vitest run --project runtime harness/guard/clean-session -t 'any moment'": {
    where: 'checkout',
    instead:
      "RUNWRIGHT_TEST_KILLS=2 npx vitest run --project runtime harness/guard/clean-session -t 'any moment'",
  },

  // Nothing is downloaded or installed for the documents' sake; the tests of `setup` do that.
  'sudo npx runwright setup crun --suite sid': { needs: 'crun', instead: 'sudo npx runwright setup crun' },
  'sudo npx runwright setup runsc --suite bookworm-backports': {
    needs: 'runsc',
    instead: 'sudo npx runwright setup runsc',
  },
  'sudo npx runwright setup runc crun': { needs: 'crun' },
  'sudo npx runwright setup runc --suite trixie': { instead: 'sudo npx runwright setup runc' },

  // In the checkout, which has an emulator and a kernel; what else a machine can be like is tried by the tests of `run --vm`.
  'npx runwright setup --vm': { where: 'checkout', instead: 'node dist/harness/cli/main.js setup --vm' },
  'npx runwright run --vm --runtime ./build/my-runtime': {
    where: 'checkout',
    instead: 'node dist/harness/cli/main.js run --vm --output output/vm annotations',
  },
  'npx runwright run --vm --cgroup v1 resources-memory': { untried: bootsElsewhere },
  'npx runwright run --vm --init systemd cgroups': { untried: bootsElsewhere },
  'npx runwright run --vm --user alice': { untried: bootsElsewhere },
  'npx runwright run --vm --memory 4096 --cpus 4': { untried: bootsElsewhere },
  'npx runwright setup --vm --kernel 6.12': { untried: 'it downloads a kernel that nothing else uses' },
  'npx runwright run --vm --kernel 6.12 --output on-6.12': { untried: bootsElsewhere },
  'npx runwright run --vm --kernel ./linux/boot/vmlinuz-6.18.0': { untried: bootsElsewhere },
  'npx runwright setup --vm --kernel 6.1 --kernel 6.12': {
    untried: 'it downloads a kernel that nothing else uses',
  },
  'npx runwright run --vm --kernel 6.1 --kernel 6.12 --reports html lifecycle': { untried: bootsElsewhere },
  'npx runwright compare output/kernel-6.1.0-56-amd64 output/kernel-6.12.117+deb12-amd64': {
    untried: 'the runs before it are not tried',
  },

  // One suite in place of all.
  'sudo npx runwright run --runtime ./build/my-runtime': {
    instead: 'sudo npx runwright run --runtime ./build/my-runtime annotations',
  },
  'sudo npx runwright run --runtime runc --runtime crun': {
    needs: 'crun',
    instead: 'sudo npx runwright run --runtime runc --runtime crun annotations',
  },
  'sudo npx runwright run --runtime runc --runtime crun state': { needs: 'crun' },
  'sudo npx runwright run --runtime runc --runtime runc@1.3 --runtime crun --output results': {
    needs: 'crun',
    instead: 'sudo npx runwright run --runtime runc --runtime crun --output results annotations',
  },
  'sudo npx runwright run --runtime ./build/my-runtime --output results --reports junit,markdown,html': {
    instead:
      'sudo npx runwright run --runtime ./build/my-runtime --output results --reports junit,markdown,html annotations',
  },
  'sudo -E env "PATH=$PATH" npx runwright run --runtime ./build/my-runtime --deviations deviations.json --output results --reports junit,markdown,html':
    {
      instead:
        'sudo -E env "PATH=$PATH" npx runwright run --runtime ./build/my-runtime --deviations deviations.json --output results --reports junit,markdown,html annotations',
    },
  'sudo npx runwright run --shard 1/2 --output part-1': {
    instead: 'sudo npx runwright run --shard 1/2 --output part-1 annotations',
  },
  'sudo npx runwright run --shard 2/2 --output part-2': {
    instead: 'sudo npx runwright run --shard 2/2 --output part-2 annotations',
  },
  'sudo npx runwright run --shard 1/2 --durations results --output part-1': {
    instead: 'sudo npx runwright run --shard 1/2 --durations results --output part-1 annotations',
  },
  'sudo npx runwright run --runtime runc --output yesterday': {
    instead: 'sudo npx runwright run --runtime runc --output yesterday annotations',
  },
  'sudo npx runwright run --runtime runc --output today': {
    instead: 'sudo npx runwright run --runtime runc --output today annotations',
  },
  'sudo RUNWRIGHT_RUNTIME=crun npx vitest run': { needs: 'crun' },
  // The results of a main branch that is not there.
  'npx runwright compare main-results results': { instead: 'npx runwright compare results results' },

  // Red on purpose.
  'sudo npx runwright run --suites suites/mine.ts --runtime ./build/my-runtime': { exitCode: 1 },
  'sudo sh output/artifacts/build-my-runtime/mine/a-container-that-was-deleted-has-no-state/repro.sh': {
    exitCode: 1,
  },
  'sudo npx runwright run --runtime ./build/my-runtime state': { exitCode: 1 },
  'sudo npx runwright run --runtime ./build/my-runtime --keep state/asking-for-the-state-of-an-unknown-container-is-refused':
    { exitCode: 1 },
  'sudo sh output/artifacts/build-my-runtime/state/asking-for-the-state-of-an-unknown-container-is-refused/repro.sh':
    { exitCode: 1 },
  'sudo npx runwright run --runtime ./build/my-runtime --update-deviations deviations.json': {
    instead: 'sudo npx runwright run --runtime ./build/my-runtime --update-deviations deviations.json state',
    exitCode: 1,
  },
  'sudo npx runwright run --runtime ./build/my-runtime --deviations deviations.json': {
    instead: 'sudo npx runwright run --runtime ./build/my-runtime --deviations deviations.json state',
  },

  // What takes its time.
  'sudo npx runwright prove': { instead: 'sudo npx runwright prove hostname-cut-at-dot' },
  'sudo npx runwright prove hooks': { instead: 'sudo npx runwright prove hooks-in-reverse-order' },
  'sudo npx runwright prove rlimits hooks': { instead: 'sudo npx runwright prove rlimit-soft-is-hard' },
  'sudo npx runwright prove --runtime crun --output output/proof-crun': {
    needs: 'crun',
    instead: 'sudo npx runwright prove --runtime crun --output output/proof-crun hostname-cut-at-dot',
  },
  'sudo npx runwright faulty-runtime hooks-in-reverse-order --runtime runc -- ./your-tests.sh': {
    instead: `sudo npx runwright faulty-runtime hooks-in-reverse-order --runtime runc -- sh -c '"$RUNTIME" --version'`,
  },
  'sudo npx runwright soak --runtime ./build/my-runtime --minutes 10': {
    instead: 'sudo npx runwright soak --runtime runc --minutes 0.1 --alive 4 --jobs 2',
  },
}

/** How a command is tried. */
export function trialOf(command: string): Trial {
  return { exitCode: 0, where: 'repository', ...trials[command] }
}
