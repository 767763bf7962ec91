/** A processor architecture under the three names it goes by: Node's, the OCI's (Go's), and seccomp's. */
export interface Architecture {
  /** As in `process.arch`; absent where Node has no build. */
  readonly node?: NodeJS.Architecture
  /** As in `platform.arch` of old configurations and in image indexes. */
  readonly oci: string
  /** As in `linux.seccomp.architectures`, the native one first, then those a kernel of it also runs. */
  readonly seccomp: readonly SeccompArchitecture[]
}

/** The architectures seccomp filters may name (config-linux.md, seccomp). */
export const seccompArchitectures = [
  'SCMP_ARCH_X86',
  'SCMP_ARCH_X86_64',
  'SCMP_ARCH_X32',
  'SCMP_ARCH_ARM',
  'SCMP_ARCH_AARCH64',
  'SCMP_ARCH_LOONGARCH64',
  'SCMP_ARCH_M68K',
  'SCMP_ARCH_MIPS',
  'SCMP_ARCH_MIPS64',
  'SCMP_ARCH_MIPS64N32',
  'SCMP_ARCH_MIPSEL',
  'SCMP_ARCH_MIPSEL64',
  'SCMP_ARCH_MIPSEL64N32',
  'SCMP_ARCH_PPC',
  'SCMP_ARCH_PPC64',
  'SCMP_ARCH_PPC64LE',
  'SCMP_ARCH_S390',
  'SCMP_ARCH_S390X',
  'SCMP_ARCH_SH',
  'SCMP_ARCH_SHEB',
  'SCMP_ARCH_PARISC',
  'SCMP_ARCH_PARISC64',
  'SCMP_ARCH_RISCV64',
] as const

export type SeccompArchitecture = (typeof seccompArchitectures)[number]

/** Architectures a Linux container may have. */
export const architectures: readonly Architecture[] = [
  { node: 'x64', oci: 'amd64', seccomp: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
  { node: 'ia32', oci: '386', seccomp: ['SCMP_ARCH_X86'] },
  { node: 'arm64', oci: 'arm64', seccomp: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'] },
  { node: 'arm', oci: 'arm', seccomp: ['SCMP_ARCH_ARM'] },
  { node: 'loong64', oci: 'loong64', seccomp: ['SCMP_ARCH_LOONGARCH64'] },
  { node: 'ppc64', oci: 'ppc64le', seccomp: ['SCMP_ARCH_PPC64LE'] },
  { node: 'riscv64', oci: 'riscv64', seccomp: ['SCMP_ARCH_RISCV64'] },
  { node: 's390x', oci: 's390x', seccomp: ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390'] },
  { node: 'mips', oci: 'mips', seccomp: ['SCMP_ARCH_MIPS'] },
  { node: 'mipsel', oci: 'mipsle', seccomp: ['SCMP_ARCH_MIPSEL'] },
  { oci: 'mips64', seccomp: ['SCMP_ARCH_MIPS64', 'SCMP_ARCH_MIPS', 'SCMP_ARCH_MIPS64N32'] },
  { oci: 'mips64le', seccomp: ['SCMP_ARCH_MIPSEL64', 'SCMP_ARCH_MIPSEL', 'SCMP_ARCH_MIPSEL64N32'] },
]

/** This machine's architecture as the OCI names it: Node's `x64` is `amd64`. Node's own name where there is no other. */
export function ociArchitecture(node: string = process.arch): string {
  return architectures.find((architecture) => architecture.node === node)?.oci ?? node
}
