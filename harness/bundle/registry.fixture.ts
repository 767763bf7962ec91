import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import type { Archive } from '../archive/index.ts'
import { readMounts } from '../host/index.ts'
import { parseJson, type Spec } from '../spec/index.ts'
import type { BundleArchives, BundleRegistryOptions } from './index.ts'

/** A new directory below the temporary one, removed after the test. */
export function temporaryDirectory(onTestFinished: (remove: () => void) => void): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'runwright-bundle-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** Mounts something below a test's directory until the test ends, wherever it was moved; skips without root. */
export function mountFor(ctx: TestContext, home: string, args: readonly string[]): void {
  if (process.geteuid?.() !== 0) ctx.skip('needs root, to mount')
  execFileSync('mount', args)
  ctx.onTestFinished(() => {
    for (const { mountPoint } of readMounts().toReversed()) {
      if (mountPoint.startsWith(`${home}/`)) execFileSync('umount', [mountPoint])
    }
  })
}

/** What `runc spec` writes, shortened, with a member that no schema knows and one that no double can hold. */
export const referenceText = `{
  "ociVersion": "1.2.0",
  "process": {
    "terminal": true,
    "user": { "uid": 0, "gid": 0 },
    "args": ["sh"],
    "env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
    "cwd": "/",
    "capabilities": { "bounding": ["CAP_KILL"], "effective": ["CAP_KILL"], "permitted": ["CAP_KILL"] },
    "rlimits": [{ "type": "RLIMIT_NOFILE", "hard": 18446744073709551615, "soft": 1024 }],
    "noNewPrivileges": true
  },
  "root": { "path": "rootfs", "readonly": true },
  "hostname": "runc",
  "mounts": [
    { "destination": "/proc", "type": "proc", "source": "proc" },
    { "destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"] },
    { "destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "ro"] }
  ],
  "linux": {
    "resources": { "devices": [{ "allow": false, "access": "rwm" }] },
    "namespaces": [{ "type": "pid" }, { "type": "mount" }],
    "maskedPaths": ["/proc/kcore"]
  },
  "x-unknown": { "kept": [1, 2, 3] }
}`

export function isSpec(value: unknown): value is Spec {
  return typeof value === 'object' && value !== null && 'ociVersion' in value
}

export function readReference(): Promise<Spec> {
  const spec: unknown = parseJson(referenceText)
  if (!isSpec(spec)) throw new Error('the reference is no spec')
  return Promise.resolve(spec)
}

/** Archives that are plain tar files in a directory, unpacked anew for each bundle. */
export class TarArchives implements BundleArchives {
  readonly #directory: string
  /** Names of the archives that were asked for. */
  readonly resolved: string[] = []
  /** Names of the archives that bundles were filled from. */
  readonly populated: string[] = []

  constructor(directory: string) {
    this.#directory = directory
  }

  /** Makes an archive of a few files, among them a setuid program and a link to nowhere in particular. */
  pack(name: string, greeting = 'hello'): void {
    const tree = mkdtempSync(join(this.#directory, 'tree-'))
    mkdirSync(join(tree, 'bin'))
    writeFileSync(join(tree, 'bin/greet'), greeting)
    chmodSync(join(tree, 'bin/greet'), 0o4755)
    mkdirSync(join(tree, 'etc'))
    symlinkSync('/etc/passwd', join(tree, 'etc/passwd'))
    chmodSync(tree, 0o700)
    execFileSync('tar', ['-C', tree, '-cf', join(this.#directory, `${name}.tar`), '.'])
    rmSync(tree, { recursive: true })
  }

  async resolve(name: string): Promise<Archive> {
    this.resolved.push(name)
    const path = join(this.#directory, `${name}.tar`)
    const digest = `sha256:${createHash('sha256').update(readFileSync(path)).digest('hex')}`
    return { name, path, digest }
  }

  async populate(archive: Archive, destination: string): Promise<void> {
    mkdirSync(destination)
    execFileSync('tar', ['-C', destination, '-xf', archive.path], { stdio: 'pipe' })
    this.populated.push(archive.name)
  }
}

/** All a registry needs, in a new directory, with an archive called busybox. */
export function registryOptions(
  onTestFinished: (remove: () => void) => void,
): BundleRegistryOptions & { readonly archives: TarArchives } {
  const home = temporaryDirectory(onTestFinished)
  const archives = new TarArchives(home)
  archives.pack('busybox')
  return { directory: join(home, 'bundles'), archives, referenceSpec: readReference }
}
