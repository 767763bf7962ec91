import { type GuestCommand, type GuestLayout, guestHome, rootShare } from './guest.ts'
import { becoming, environmentOfLogin, loginScript } from './guest-user.ts'

/** Where busybox is before and after the change of the root file system. */
const early = '/bin/busybox'
const late = `${guestHome}/busybox`

/** Options of a share: few large packets, and for the host's root, which nobody changes meanwhile, a cache. */
const shareOptions = 'trans=virtio,version=9p2000.L,msize=512000'

/**
 * The first program of the guest: it loads the modules, puts memory over the host's read-only root, mounts the kernel's
 * file systems and makes way for the init. What fails here ends the machine, and the console says why.
 */
export function firstScript(layout: GuestLayout): string {
  return `#!${early} sh
fail() {
  echo "runwright: $1" >/dev/console
  ${early} poweroff -f
}
for applet in rm mkdir mount insmod unxz ln cat cp mkfifo sysctl ifconfig sed; do
  alias $applet="${early} $applet"
done
mkdir -p /proc /sys /dev /host /memory /new
mount -t proc proc /proc && mount -t sysfs sysfs /sys && mount -t devtmpfs devtmpfs /dev || fail 'no file systems of the kernel'
for module in /modules/*; do
  case $module in *.xz) unxz "$module" && module=\${module%.xz} ;; esac
  insmod "$module" || fail "$module cannot be loaded"
done
mount -t 9p -o ro,cache=loose,${shareOptions} ${rootShare} /host || fail 'the root of the host cannot be mounted'
mount -t tmpfs -o size=80%,mode=755 memory /memory && mkdir /memory/changed /memory/work
mount -t overlay -o lowerdir=/host,upperdir=/memory/changed,workdir=/memory/work root /new || fail 'no overlay'
mount -t tmpfs -o mode=755,nosuid,nodev run /new/run
mkdir -p /dev/pts /dev/shm /dev/mqueue /new/run/lock /new/run/tmp /new${guestHome}
mount -t tmpfs -o size=80%,mode=755 home /new${guestHome} && mkdir /new${guestHome}/home
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev shm /dev/shm
mount -t mqueue mqueue /dev/mqueue
ln -s /proc/self/fd /dev/fd
ln -s /proc/self/fd/0 /dev/stdin
ln -s /proc/self/fd/1 /dev/stdout
ln -s /proc/self/fd/2 /dev/stderr
mount -t securityfs securityfs /sys/kernel/security
mount -t bpf bpf /sys/fs/bpf
ifconfig lo 127.0.0.1 up
echo bfq >/sys/block/vda/queue/scheduler
sysctl -q -w vm.panic_on_oom=1
echo ${guestHome}/modprobe >/proc/sys/kernel/modprobe
cp /guest/* /new${guestHome}/
${early} chmod 1777 /new/run/tmp
cp ${early} /new${late}
ln -s busybox /new${guestHome}/init
ln -s busybox /new${guestHome}/modprobe
${[...cgroupMounts[layout.cgroups], readAhead(layout), ...shareMounts(layout), ...linked(layout), ...copied(layout), ...inits[layout.init]].join('\n')}
for place in proc sys dev; do
  mount --move /$place /new/$place
done
exec ${early} switch_root /new ${initProgram[layout.init]}
`
}

/** While the first processor goes on, another one reads what the command will ask for in small pieces. */
function readAhead({ wanted }: GuestLayout): string {
  return `cat ${wanted.map((path) => quoted(`/host${path}`)).join(' ')} >/dev/null 2>&1 &`
}

/**
 * With the first cgroup that a controller is at work in, the kernel patches its own code. It is done while only one
 * processor is at work: emulated ones were seen to execute such code half patched, and the guest to be lost.
 */
function firstCgroups(hierarchies: string): readonly string[] {
  return [`for hierarchy in ${hierarchies}; do mkdir "$hierarchy/first"; done`]
}

const cgroupMounts: Readonly<Record<GuestLayout['cgroups'], readonly string[]>> = {
  v2: [
    'mount -t cgroup2 -o nsdelegate cgroup2 /sys/fs/cgroup',
    'for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do echo +$controller >/sys/fs/cgroup/cgroup.subtree_control; done',
    ...firstCgroups('/sys/fs/cgroup'),
  ],
  v1: [
    'mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup',
    `sed -n '/^[^#]/s/\\t.*//p' /proc/cgroups >/controllers`,
    'while read -r controller; do',
    '  mkdir "/sys/fs/cgroup/$controller" && mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller"',
    'done </controllers',
    'mkdir /sys/fs/cgroup/systemd && mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd',
    ...firstCgroups('/sys/fs/cgroup/*'),
  ],
  get hybrid() {
    return [
      ...this.v1,
      'mkdir /sys/fs/cgroup/unified && mount -t cgroup2 -o nsdelegate cgroup2 /sys/fs/cgroup/unified',
    ]
  },
}

function shareMounts({ writable }: GuestLayout): string[] {
  return [...writable].flatMap(([share, directory]) => {
    const place = quoted(`/new${directory}`)
    return [
      `mkdir -p ${place}`,
      `mount -t 9p -o cache=none,${shareOptions} ${share} ${place} || fail ${quoted(`${directory} cannot be shared`)}`,
    ]
  })
}

/** Symbolic links of the guest: to the modules of its kernel, and what else is wanted elsewhere. */
function linked({ modules: { directory, release }, links }: GuestLayout): string[] {
  const wanted = new Map([[`/lib/modules/${release}`, directory], ...links])
  return [...wanted]
    .filter(([place, target]) => place !== target)
    .flatMap(([place, target]) => [
      `mkdir -p ${quoted(`/new${place.replace(/\/[^/]*$/, '')}`)}`,
      `ln -s ${quoted(target)} ${quoted(`/new${place}`)}`,
    ])
}

function copied({ copies }: GuestLayout): string[] {
  return [...copies].map(([place, original]) => {
    const [from, to] = [quoted(`/new${original}`), quoted(`/new${place}`)]
    return `mkdir -p -m 700 ${to} && cp -r ${from}/. ${to}/ 2>/dev/null`
  })
}

const initProgram: Readonly<Record<GuestLayout['init'], string>> = {
  busybox: `${guestHome}/init`,
  systemd: '/lib/systemd/systemd --unit=runwright-guest.target --log-target=console --show-status=no',
}

/** A unit that starts at once: what units wait for by default mounts the host's disks, and much else. */
const atOnce = ['[Unit]', 'DefaultDependencies=no'] as const

/** All that a guest's systemd starts: the message bus, by which runtimes talk to it, and the command. */
const units: Readonly<Record<string, readonly string[]>> = {
  'dbus.socket': [...atOnce, '[Socket]', 'ListenStream=/run/dbus/system_bus_socket'],
  'dbus.service': [
    ...atOnce,
    'Requires=dbus.socket',
    '[Service]',
    'Type=notify',
    'NotifyAccess=main',
    'ExecStart=/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation',
  ],
  'runwright-guest.service': [
    ...atOnce,
    'Requires=dbus.service',
    'After=dbus.service',
    '[Service]',
    `ExecStart=${late} sh ${guestHome}/command`,
    'Delegate=yes',
  ],
  'runwright-guest.target': [...atOnce, 'Requires=runwright-guest.service'],
}

const inits: Readonly<Record<GuestLayout['init'], readonly string[]>> = {
  busybox: [`echo '::once:${late} sh ${guestHome}/command' >/new/etc/inittab`],
  systemd: [
    // The mark of a container on the host would make systemd take the guest for one.
    'rm -f /new/.dockerenv',
    'mkdir -p /new/run/systemd/system',
    ...Object.entries(units).flatMap(([name, lines]) => [
      `cat >/new/run/systemd/system/${name} <<'END'`,
      ...lines,
      'END',
    ]),
  ],
}

/** What ends each of the command's two streams: a byte that no text has. */
export const endOfStream = 0x04

/** How often the guest says that it is alive, in seconds. */
export const beatSeconds = 5

/**
 * Runs the command of the guest with its streams to the host, tells the host of its life and its end, passes signals on,
 * and ends the machine as soon as the host has gone.
 */
export function commandScript(command: GuestCommand, layout: GuestLayout): string {
  const terminals = new Map(
    layout.terminals.map((terminal, number) => [terminal.stream, { ...terminal, number }]),
  )
  const [output, errors] = (['output', 'errors'] as const).map((stream, position) => {
    const terminal = terminals.get(stream)
    return terminal === undefined ? `/dev/vport0p${position + 2}` : `/dev/hvc${terminal.number}`
  })
  const sizes = [...terminals.values()].map(
    ({ number, columns, rows }) =>
      `${late} stty -F /dev/hvc${number} raw -echo columns ${columns} rows ${rows}`,
  )
  return `exec 3<>/dev/vport0p1 4>${output} 5>${errors} </dev/null >/dev/console 2>&1
${sizes.join('\n')}
echo ready >&3
${loginOf(command)}
${environmentOf(command)}
cd ${quoted(command.workingDirectory)} || exit
${[becomingUserOf(command), ...command.argv.map(quoted)].join(' ')} >&4 2>&5 3>&- 4>&- 5>&- &
command=$!
while ${late} sleep ${beatSeconds}; do echo alive >&3; done &
(
  while read -r signal <&3; do kill -s "$signal" "$command"; done
  ${late} poweroff -f
) &
wait $command
status=$?
printf '\\004' >&4
printf '\\004' >&5
echo "exit $status" >&3
wait
`
}

function loginOf({ user }: GuestCommand): string {
  return user === undefined ? '' : loginScript(user, late, [`${guestHome}/home`])
}

function becomingUserOf({ user }: GuestCommand): string {
  return user === undefined ? '' : becoming(user, late)
}

function environmentOf({ user, environment }: GuestCommand): string {
  const whole = { ...environment, ...(user === undefined ? {} : environmentOfLogin(user)) }
  return Object.entries(whole)
    .filter(([name, value]) => value !== undefined && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    .map(([name, value]) => `export ${name}=${quoted(value ?? '')}`)
    .join('\n')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
