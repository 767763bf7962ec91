/** Command lines of busybox programs that the suites run again and again. */

/** Runs until it is killed; as the first process of a pid namespace it ignores every signal but KILL. */
export const sleeping: readonly string[] = ['sleep', '1000']

/** Runs until it is told to end: as the first process of a pid namespace, too, it dies of SIGTERM. */
export const top: readonly string[] = ['top', '-b']

/** A shell script. */
export function shell(script: string): readonly string[] {
  return ['sh', '-c', script]
}

/**
 * Prints `ready`, then the name of each signal as it arrives, and ends with exit code 0 after `last`.
 * The shell's `wait` returns when a trapped signal arrives, so nothing is missed between two of them.
 */
export function reportingSignals(names: readonly string[], last: string): readonly string[] {
  const traps = names.map((name) => `trap 'echo ${name}${name === last ? '; exit 0' : ''}' ${name}`)
  return shell(`${traps.join('; ')}; echo ready; while :; do sleep 1000 & wait $!; done`)
}

/** Bytes in a mebibyte. */
export const mebibyte = 1024 * 1024
