import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { packageSourceNamed } from './package-sources.ts'
import { PackageError } from './private-apt.ts'

describe('package managers', () => {
  test.each([
    ['apt', 'busybox-static', 'apt-get -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends'],
    ['dnf', 'busybox', 'dnf install --assumeyes --setopt=install_weak_deps=False'],
    ['zypper', 'busybox-static', 'zypper --non-interactive install --no-recommends'],
    ['apk', 'busybox-static', 'apk add --no-progress'],
    ['pacman', 'busybox', 'pacman --sync --needed --noconfirm'],
  ])('%s installs %s without asking', (name, busybox, command) => {
    const source = packageSourceNamed(name)
    expect(source?.packageOf('busybox')).toBe(busybox)
    expect(source?.packageOf('runc')).toBe('runc')
    expect(source?.installCommand(['runc']).join(' ')).toBe(`${command} runc`)
  })

  test('know no package of an unknown program', () => {
    expect(packageSourceNamed('apt')?.packageOf('youki')).toBeUndefined()
    expect(packageSourceNamed('yast')).toBeUndefined()
  })

  test('that cannot download without installing say so', async () => {
    const place = mkdtempSync(join(tmpdir(), 'packages-'))
    try {
      const source = packageSourceNamed('pacman')
      expect(source?.canDownload).toBe(false)
      await expect(source?.download('runc', { destination: place })).rejects.toThrow(PackageError)
    } finally {
      rmSync(place, { recursive: true })
    }
  })

  test('without root say which command to run', async (ctx) => {
    if (process.geteuid?.() === 0) ctx.skip('needs a user other than root')
    await expect(packageSourceNamed('apt')?.install(['runc'])).rejects.toThrow(/sudo apt-get/)
  })
})
