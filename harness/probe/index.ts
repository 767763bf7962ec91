/**
 * Looking at a container: typed observations of its processes, mounts and cgroups, from the host and from inside.
 */
export { cgroupDirectoriesNamed } from './cgroup-directories.ts'
export { observeProcess, type ProcessObservation, parseCgroups, parseStatus } from './process-observation.ts'
