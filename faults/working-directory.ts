/**
 * Shell text in place of a command: what the working directory of the runtime has under a name takes the place of what
 * the bundle has, in a mount namespace of the runtime's own.
 */
export function fromWorkingDirectory(name: string): string {
  return `
    if [ ! -d ${name} ] || [ "$PWD" = "$BUNDLE" ]; then exec "$REAL" "$@"; fi
    export REAL BUNDLE
    exec unshare --mount sh -c 'mount --bind ${name} "$BUNDLE/${name}" && exec "$REAL" "$@"' sh "$@"`
}
