/**
 * What this machine is and can do: processes and their exact exit, descriptors, mounts, cgroup layout,
 * directories the harness may use, and the needs a test can have of a host.
 */
export { RunwrightError } from './errors.ts'
export {
  ensurePrivateDirectory,
  type HomeDirectories,
  homeDirectories,
  IncompletePackageError,
  packageDirectory,
  programPath,
  UnsafeDirectoryError,
} from './directories.ts'
