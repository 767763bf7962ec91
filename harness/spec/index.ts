/**
 * The OCI configuration: its types and schema, reading, checking and writing it, the configurations runtimes start
 * from, and edits for filters.
 */
export { copySpec } from './copy.ts'
export {
  addBindMount,
  addMount,
  addTmpfs,
  readonlyRoot,
  withAnnotation,
  withDomainname,
  withHook,
  withHostname,
  withoutMount,
  withRoot,
} from './edits/document.ts'
export { changing, combine, type Edit, edit } from './edits/edit.ts'
export {
  addDevice,
  addDeviceRule,
  addMaskedPaths,
  addNamespace,
  addReadonlyPaths,
  joinNamespace,
  withCgroupsPath,
  withLinux,
  withoutNamespace,
  withSeccomp,
  withSysctl,
  withUserNamespace,
} from './edits/linux.ts'
export {
  addCapabilities,
  type CapabilityText,
  dropCapabilities,
  withArgs,
  withCapabilities,
  withCwd,
  withEnv,
  withNoNewPrivileges,
  withOomScoreAdj,
  withProcess,
  withRlimit,
  withTerminal,
  withUser,
} from './edits/process.ts'
export {
  withCpuLimits,
  withMemoryLimit,
  withPidsLimit,
  withResources,
  withUnified,
} from './edits/resources.ts'
export { InvalidPathError, withoutValue, withValue } from './edits/value.ts'
export {
  ProblemsError,
  SpecExistsError,
  SpecFileError,
  SpecInvalidError,
  SpecIsDirectoryError,
  SpecNotFoundError,
  SpecNotWrittenError,
  SpecNullError,
  SpecShapeError,
  SpecUnreadableError,
} from './errors.ts'
export * from './garden/index.ts'
export type { JsonDocument, ParseOptions } from './json/document.ts'
export { parseJson, parseJsonDocument } from './json/document.ts'
export type { DuplicateName, Place, Whereabouts } from './json/errors.ts'
export {
  JsonDuplicateNameError,
  JsonEncodingError,
  JsonError,
  JsonNumberError,
  JsonSyntaxError,
  JsonTooDeepError,
  JsonTrailingDataError,
  JsonUnrepresentableError,
} from './json/errors.ts'
export type { JsonPath } from './json/path.ts'
export { formatPath, parsePath } from './json/path.ts'
export type { StringifyOptions } from './json/stringify.ts'
export { stringifyJson } from './json/stringify.ts'
export type { JsonObject, JsonValue } from './json/value.ts'
export { type JsonSchemaDocument, jsonSchemaOf, jsonSchemaText } from './json-schema.ts'
export {
  type CurrentLoadOptions,
  type ExaminedSpec,
  examineSpec,
  type LoadOptions,
  loadSpec,
  type OldLoadOptions,
  parseFeatures,
  parseProcess,
  parseSpec,
  parseState,
} from './load.ts'
export type { DeepPartial, PartialSpec } from './merge.ts'
export { mergeSpec } from './merge.ts'
export { readJsonFile } from './read-file.ts'
export {
  type CurrentProfile,
  profileOf,
  type ReferenceProfile,
  referenceProfiles,
} from './reference/profile.ts'
export {
  type OldReferenceOptions,
  type ReferenceOptions,
  referenceSpec,
  referenceSpecText,
} from './reference/reference-spec.ts'
export type { Owner } from './reference/rootless.ts'
export type { Device, DeviceRule, NetDevice } from './schema/devices.ts'
export type {
  CgroupFeatures,
  Features,
  FeatureToggle,
  IntelRdtFeatures,
  LinuxFeatures,
  MemoryPolicyFeatures,
  MountExtensionFeatures,
  SeccompFeatures,
} from './schema/features.ts'
export { featuresSchema } from './schema/features.ts'
export type { Hook, HookKind, Hooks } from './schema/hooks.ts'
export { hookKinds } from './schema/hooks.ts'
export type {
  IntelRdt,
  Linux,
  MemoryPolicy,
  Namespace,
  Personality,
  TimeOffset,
  TimeOffsets,
} from './schema/linux.ts'
export { memoryPolicyFlags, memoryPolicyModes } from './schema/linux.ts'
export type { IdMapping, Mount, Root } from './schema/mounts.ts'
export type { Integer64, Schema } from './schema/notation.ts'
export type { OldProcessSpec, OldSpec, Platform } from './schema/old-spec.ts'
export { oldSpecSchema } from './schema/old-spec.ts'
export type {
  CapabilitySets,
  ConsoleSize,
  ExecCpuAffinity,
  IoPriority,
  ProcessSpec,
  Rlimit,
  Scheduler,
  User,
} from './schema/process.ts'
export { processSchema } from './schema/process.ts'
export type { DeepReadonly } from './schema/readonly.ts'
export type {
  BlockIoLimits,
  CpuLimits,
  HugepageLimit,
  InterfacePriority,
  LinuxResources,
  MemoryLimits,
  NetworkLimits,
  PidsLimit,
  RdmaLimit,
  ThrottleDevice,
  WeightDevice,
} from './schema/resources.ts'
export { resourcesSchema } from './schema/resources.ts'
export type {
  Seccomp,
  SeccompAction,
  SeccompArgument,
  SeccompFlag,
  SeccompOperator,
  SeccompRule,
} from './schema/seccomp.ts'
export { seccompActions, seccompFlags, seccompOperators } from './schema/seccomp.ts'
export type { Spec } from './schema/spec.ts'
export { specSchema } from './schema/spec.ts'
export type { ContainerProcessState, State } from './schema/state.ts'
export { containerProcessStateSchema, stateSchema } from './schema/state.ts'
export type { Architecture, SeccompArchitecture } from './tables/architectures.ts'
export { architectures, ociArchitecture, seccompArchitectures } from './tables/architectures.ts'
export type { Capability } from './tables/capabilities.ts'
export { capabilitiesOfMask, capabilityNames, capabilityNumbers } from './tables/capabilities.ts'
export type { MountOption, MountOptionEffect, MountOptionLevel } from './tables/mount-options.ts'
export { mountAttributes, mountFlags, mountOptions } from './tables/mount-options.ts'
export type { NamespaceKind, NamespaceType } from './tables/namespaces.ts'
export { namespaceKinds, namespaceTypes } from './tables/namespaces.ts'
export type { RlimitName } from './tables/rlimits.ts'
export { rlimitNames, rlimitNumbers, unlimited } from './tables/rlimits.ts'
export type { SignalName } from './tables/signals.ts'
export { realTimeSignals, signalNumbers } from './tables/signals.ts'
export { formatProblem, type Problem, type Severity } from './validate/problem.ts'
export type { ProblemCode } from './validate/problem-kinds.ts'
export { type ValidateOptions, validateProcess, validateSpec } from './validate/validate.ts'
export { specFileName, writeSpec, writeSpecText } from './write.ts'
