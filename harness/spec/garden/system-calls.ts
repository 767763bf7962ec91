/**
 * What any program in a container may ask of the kernel, by topic. The names are those of syscalls(2), with the variants
 * that 32-bit architectures have (`32`, `64`, `_time64` endings). Left out is what reaches beyond the container or
 * what few programs use and attacks like: modules, kexec, clocks of the host, keyrings, bpf, perf, userfaultfd,
 * io_uring, mounting, namespaces, swap, quotas, accounting, tracing the kernel.
 */
const byTopic = {
  files: `
    access faccessat faccessat2 chdir fchdir getcwd chroot chmod fchmod fchmodat fchmodat2
    chown chown32 fchown fchown32 fchownat lchown lchown32 umask
    open openat openat2 creat close close_range dup dup2 dup3 fcntl fcntl64 flock ioctl
    link linkat symlink symlinkat readlink readlinkat rename renameat renameat2 unlink unlinkat
    mkdir mkdirat rmdir mknod mknodat getdents getdents64
    stat stat64 lstat lstat64 fstat fstat64 fstatat64 newfstatat statx statfs statfs64 fstatfs fstatfs64
    truncate truncate64 ftruncate ftruncate64 fallocate fadvise64 fadvise64_64 arm_fadvise64_64 readahead
    utime utimes utimensat utimensat_time64 futimesat name_to_handle_at
    getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr setxattrat
    listxattr llistxattr flistxattr listxattrat removexattr lremovexattr fremovexattr removexattrat
    inotify_init inotify_init1 inotify_add_watch inotify_rm_watch fanotify_mark`,
  transfer: `
    read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 lseek _llseek
    sendfile sendfile64 splice tee vmsplice copy_file_range
    sync syncfs fsync fdatasync sync_file_range sync_file_range2 arm_sync_file_range
    io_setup io_submit io_cancel io_getevents io_pgetevents io_pgetevents_time64 io_destroy`,
  waiting: `
    poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64
    epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2
    eventfd eventfd2 signalfd signalfd4 pipe pipe2
    futex futex_time64 futex_waitv futex_wait futex_wake futex_requeue`,
  memory: `
    brk mmap mmap2 munmap mremap mprotect msync madvise mincore mseal
    mlock mlock2 mlockall munlock munlockall membarrier remap_file_pages cachestat
    memfd_create memfd_secret pkey_alloc pkey_free pkey_mprotect map_shadow_stack process_mrelease`,
  processes: `
    fork vfork execve execveat exit exit_group wait4 waitid waitpid
    getpid getppid gettid getpgid getpgrp setpgid getsid setsid pidfd_open pidfd_send_signal
    process_vm_readv process_vm_writev ptrace prctl arch_prctl modify_ldt
    get_thread_area set_thread_area set_tid_address get_robust_list set_robust_list rseq
    getrlimit ugetrlimit setrlimit prlimit64 getrusage times getcpu
    getpriority setpriority ioprio_get ioprio_set
    sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam
    sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min
    sched_rr_get_interval sched_rr_get_interval_time64`,
  signals: `
    kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pause restart_syscall
    rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64
    sigaltstack signal sigaction sigpending sigprocmask sigreturn sigsuspend`,
  identity: `
    getuid getuid32 geteuid geteuid32 getresuid getresuid32 getgid getgid32 getegid getegid32 getresgid getresgid32
    setuid setuid32 setreuid setreuid32 setresuid setresuid32 setfsuid setfsuid32
    setgid setgid32 setregid setregid32 setresgid setresgid32 setfsgid setfsgid32
    getgroups getgroups32 setgroups setgroups32 capget capset
    seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self`,
  time: `
    time gettimeofday nanosleep clock_nanosleep clock_nanosleep_time64 alarm getitimer setitimer
    clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_adjtime clock_adjtime64 adjtimex
    timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64
    timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64`,
  sockets: `
    socket socketcall socketpair bind connect listen accept accept4 shutdown
    getpeername getsockname getsockopt setsockopt
    send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64`,
  interprocess: `
    ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget
    mq_open mq_unlink mq_notify mq_getsetattr
    mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64`,
  // The kernel itself plants uretprobe into a program that is being probed from outside.
  system: 'uname sysinfo getrandom uretprobe',
  arm: 'breakpoint cacheflush set_tls',
} as const

/** System calls allowed whatever their arguments are, in alphabetical order. */
export const allowedSystemCalls: readonly string[] = Object.values(byTopic)
  .flatMap((names) => names.trim().split(/\s+/))
  .sort()
