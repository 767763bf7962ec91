/** Where the process that serves faults listens, within its directory. */
export const questionsName = 'questions'
/** Holds the pid of that process. */
export const serverName = 'server'

/** The exit status of a faulty runtime whose fault nobody serves. */
export const unservedStatus = 125

/** How the files of one question begin, which are named by the pid of the client. */
export const questionSuffix = '.question'
export const replySuffix = '.reply'

/**
 * The program of every faulty runtime, wherever it lies: `DIRECTORY/FAULT/NAME`. Node takes 40 ms to start and this
 * shell 1 ms; so it only asks the process that serves `DIRECTORY` and does what that replies. In most cases that is to
 * become the real runtime: process, descriptors, streams and environment are then those that the caller gave.
 *
 * A question is a file of words that end in NUL. The fifo for the reply is opened for reading and writing, so that
 * neither side waits for the other to open it, and as standard input, so that no descriptor of the caller's is taken.
 */
export const clientScript = `#!/bin/sh
# Stands in for an OCI runtime: asks the process that serves its fault what to do with a command, and does that.
runwright_own=\${0%/*}
runwright_served=\${runwright_own%/*}
runwright_ask() {
  read -r runwright_server 2>/dev/null <"$runwright_served/${serverName}" && kill -0 "$runwright_server" 2>/dev/null || {
    echo "nobody serves the fault \${runwright_own##*/} any more" >&2
    exit ${unservedStatus}
  }
  mkfifo -m 600 "$runwright_served/$$${replySuffix}"
  printf '%s\\0' "\${runwright_own##*/}" "$@" >"$runwright_served/$$${questionSuffix}"
  {
    printf '%s\\n' "$$" 1<>"$runwright_served/${questionsName}"
    IFS= read -r runwright_reply
  } <>"$runwright_served/$$${replySuffix}"
}
runwright_ask call "$PWD" "$@"
eval "$runwright_reply"
`
