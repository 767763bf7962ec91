import { openPipe } from './system-calls.ts'

/** The two ends of a pipe, as descriptors; close them with `closeDescriptor`. */
export interface Pipe {
  readonly readable: number
  readonly writable: number
}

/** Makes a pipe whose ends no child inherits unless it is given them (pipe2(2) with O_CLOEXEC). */
export function createPipe(): Pipe {
  const [readable, writable] = openPipe()
  return { readable, writable }
}
