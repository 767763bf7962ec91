import { posix } from 'node:path'

/** Whether a path starts at the root and is one the kernel could take (no NUL). */
export function isAbsolutePath(path: string): boolean {
  return path.startsWith('/') && !path.includes('\0')
}

/** The path without `.`, `..`, doubled and trailing slashes. A leading `..` stays below the root. */
export function cleanPath(path: string): string {
  const clean = posix.normalize(path)
  return clean === '/' ? clean : clean.replace(/\/$/, '')
}

/** Whether `inner` is `outer` or lies below it; both clean. */
export function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer === '/' ? '/' : `${outer}/`)
}
