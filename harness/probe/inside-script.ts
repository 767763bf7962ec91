import { fileFormat } from './devices.ts'

/**
 * How each section of a report is made, by name. What a file of /proc says is that of the shell which runs the
 * script, whose pid is `$$`: the commands that read it are children and leave it as it is.
 */
const sections = {
  status: 'cat /proc/$$/status',
  stat: 'cat /proc/$$/stat',
  limits: 'cat /proc/$$/limits',
  environment: 'cat /proc/$$/environ',
  commandLine: 'cat /proc/$$/cmdline',
  // gVisor's kernel has no such link.
  workingDirectory: '{ readlink /proc/$$/cwd || pwd -P; }',
  mounts: 'cat /proc/$$/mountinfo',
  namespaces: 'cd /proc/$$/ns && for name in *; do echo "$name $(readlink $name)"; done',
  cgroups: 'cat /proc/$$/cgroup',
  uidMap: 'cat /proc/$$/uid_map',
  gidMap: 'cat /proc/$$/gid_map',
  oomScoreAdjustment: 'cat /proc/$$/oom_score_adj',
  personality: 'cat /proc/$$/personality',
  securityLabel: 'cat /proc/$$/attr/current',
  timeOffsets: 'cat /proc/$$/timens_offsets',
  umask: 'umask',
  hostname: 'cat /proc/sys/kernel/hostname',
  domainname: 'cat /proc/sys/kernel/domainname',
  ioPriority: 'ionice -p $$',
  devices: `stat -c '${fileFormat}' /dev/*`,
  // The first lines will do: all of them name the policy of the process.
  memoryPolicy: 'head -n 3 /proc/$$/numa_maps',
  interfaces: 'cat /proc/$$/net/dev',
  terminal: 'tty',
} as const satisfies Readonly<Record<string, string>>

/** A section of a report from inside. */
export type Section = keyof typeof sections

/** Begins every line of a report; what a line holds is base64, so nothing observed can pass for a line. */
export const reportMark = 'runwright-probe'

/** The name of the line that ends a report: without it the script has not come to its end. */
export const endOfReport = 'end'

/** The script that reports on the process it runs in, for `sh -c`. It takes nothing but the programs of busybox. */
export const insideScript: string = [
  `say() { echo "${reportMark} $1 $(base64 -w 0)"; }`,
  ...Object.entries(sections).map(([name, command]) => `{ ${command}; } 2>/dev/null | say ${name}`),
  `echo "${reportMark} ${endOfReport} -"`,
].join('\n')
