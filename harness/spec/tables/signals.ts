/**
 * The signals of Linux by name, synonyms included, without the real-time ones (signal(7)). The numbers are those of
 * every architecture Node runs on but MIPS, SPARC and PA-RISC.
 */
export const signalNumbers = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGIOT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPOLL: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const satisfies Readonly<Record<string, number>>

/** A signal by its name, as the value of the image's `stopSignal` annotation or an argument of `kill`. */
export type SignalName = keyof typeof signalNumbers

/** The real-time signals a program may use; the C library keeps 32 and 33 (signal(7)). */
export const realTimeSignals = { first: 34, last: 64 } as const
