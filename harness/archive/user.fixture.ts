export const isRoot = process.geteuid?.() === 0

/** Why tests that make devices and owners cannot run. */
export const needsRoot = 'makes devices and files of other users: run it as root'
