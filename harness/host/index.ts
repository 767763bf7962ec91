/**
 * What this machine is and can do: processes and their exact exit, descriptors, mounts, cgroup layout,
 * directories the harness may use, and the needs a test can have of a host.
 */

export { type CgroupLayout, cgroupLayout } from './cgroup-layout.ts'
export { hugePageSize, rdmaDevice, wholeDisk } from './cgroup-need.ts'
export { ConsoleSocket } from './console-socket.ts'
export { downloadWith, isVersion as makesVersion, unpackDebianPackage } from './debian-packages.ts'
export {
  DescriptorSocket,
  DescriptorSocketError,
  type ReceivedDescriptors,
  type ReceiveOptions,
} from './descriptor-socket.ts'
export {
  ensurePrivateDirectory,
  type HomeDirectories,
  homeDirectories,
  IncompletePackageError,
  packageDirectory,
  programPath,
  UnsafeDirectoryError,
} from './directories.ts'
export { type Distribution, distribution } from './distribution.ts'
export {
  type DownloadedProgram,
  downloadProgram,
  downloadsDirectory,
  findDownloadedProgram,
  listDownloadedPrograms,
} from './downloaded-programs.ts'
export { type DownloadedPackage, type DownloadOptions, listDownloads } from './downloads.ts'
export { RunwrightError } from './errors.ts'
export { type ExitStatus, exitCodeOf } from './exit-status.ts'
export { findProgram } from './find-program.ts'
export { forkProgram } from './fork-program.ts'
export { HeldNamespaces, type HeldNamespacesOptions, type IdMapLine } from './held-namespaces.ts'
export { guestOptionsVariable, guestVariable, type HostFacts, hostFacts } from './host-facts.ts'
export { locateProgram } from './locate-program.ts'
export { type MountEntry, parseMountInfo, readMounts } from './mounts.ts'
export {
  type HostNeed,
  hostNeeds,
  isCgroupNeed,
  isHostNeed,
  type NeedVerdict,
  probeNeed,
  UnknownNeedError,
} from './needs.ts'
export { isOwnOverlay, mountOverlay, type OverlayLayers, ownOverlays } from './overlay.ts'
export { type PackageSource, packageSourceNamed, systemPackageSource } from './package-sources.ts'
export { createPipe, type Pipe } from './pipe.ts'
export { PackageError, PrivateApt } from './private-apt.ts'
export { identifyProcess, isProcessAlive, isProcessId, type ProcessIdentity } from './process-identity.ts'
export { type ProgramEnd, type ProgramRequest, type RunningProgram, startProgram } from './program.ts'
export { describeProgram, inspectProgram, type Linkage, type ProgramReport } from './program-report.ts'
export type { ReadinessOptions } from './readiness.ts'
export { lenientAppArmorProfile, selinuxLabel } from './security-modules.ts'
export { InvalidProcessIdError, signalProcess } from './signal-process.ts'
export { parseSignal, signalName, UnknownSignalError } from './signals.ts'
export { atThisPace, slownessVariable } from './slowness.ts'
export type { DescriptorSource } from './spawn-process.ts'
export { ownPlace } from './stack-place.ts'
export { becomeSubreaper } from './subreaper.ts'
export { SystemCallError, UnsupportedMachineError } from './system-call-error.ts'
export {
  bindMount,
  closeDescriptor,
  createMemoryFile,
  hasAttributes,
  makeMountReadOnly,
  type SchedulingAttributes,
  schedulingAttributes,
  type TerminalSize,
  unmount,
} from './system-calls.ts'
export { isSystemdHost, stopUnit, unitProperty } from './systemd.ts'
export { type TaskHeadroom, taskHeadroom } from './task-headroom.ts'
export { Terminal, TerminalClosedError } from './terminal.ts'
export { runTool, ToolError, type ToolOptions } from './tool.ts'
export { DeadlineError, type UntilOptions, until } from './until.ts'
export { waitForExit } from './wait-for-exit.ts'
