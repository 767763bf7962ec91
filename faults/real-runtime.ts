/** Shell text that faults have in common: what they ask the real runtime, and where it keeps things. */

/** The real runtime, asked about the containers of the root that a command is about; a verb has to follow. */
export const real = '"$REAL" --root "$ROOT"'

/** The status of the container as the real runtime names it, such as `created`; empty for one that does not exist. */
export const statusOfContainer = `$(${real} state "$ID" 2>/dev/null | sed -n 's/.*"status": *"\\([a-z]*\\)".*/\\1/p')`

/** A cgroup of the container's name: in the hierarchy of the pids controller, or in the only one. */
export const cgroupOfContainer =
  '$(if [ -d /sys/fs/cgroup/pids ]; then echo /sys/fs/cgroup/pids; else echo /sys/fs/cgroup; fi)/$ID'
