import { HeldNamespaces, runTool } from '../harness/host/index.ts'
import { combine, type Edit, withLinux, withoutValue, withSysctl } from '../harness/spec/index.ts'
import { suite, type TestContext } from '../harness/suite/index.ts'
import { shell } from './programs.ts'

/**
 * Parameters that each container has to itself, with values that are nobody's default. Not of `net.core`: older kernels
 * hide those in network namespaces of ordinary users (6.1 does).
 */
const parameters: Readonly<Record<string, string>> = {
  'kernel.msgmax': '8009',
  'kernel.sem': '250 31999 33 127',
  'kernel.shm_rmid_forced': '1',
  'kernel.shmmax': '268435399',
  'fs.mqueue.msg_max': '17',
  'net.ipv4.tcp_fin_timeout': '47',
  'net.ipv4.ip_default_ttl': '77',
  'net.ipv4.ip_local_port_range': '40001 40999',
}

const names = Object.keys(parameters)

const allParameters: Edit = combine(
  ...Object.entries(parameters).map(([name, value]) => withSysctl(name, value)),
)

function fileOf(name: string): string {
  return `/proc/sys/${name.replaceAll('.', '/')}`
}

/** The values of a list stand apart by one blank or by tabs. */
function plain(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ')
}

/** Shell text that prints the value of each parameter, in the order of `names`. */
const printing = `for file in ${names.map(fileOf).join(' ')}; do cat $file; done`

function valuesIn(printed: string): readonly string[] {
  return printed.trimEnd().split('\n').map(plain)
}

/** The value of each parameter inside a container, in the order of `names`. */
async function valuesInside(
  { bundles, runtime, expect }: TestContext,
  name: string,
  edit: Edit,
): Promise<readonly string[]> {
  const values = valuesIn((await runtime.run(await bundles.busybox(name, shell(printing), edit))).stdout)
  expect(values).toHaveLength(names.length)
  return values
}

export const sysctl = suite('sysctl', ({ test }) => {
  test('each configured kernel parameter has its value in the container', {
    covers: ['sysctl-optional'],
    needs: ['runtime:host-kernel'],
  }, async (context) => {
    const { control, expect } = context
    await control('a container has other values otherwise', async () => {
      const values = await valuesInside(context, 'none', withoutValue('linux.sysctl'))
      for (const [position, name] of names.entries())
        expect(values[position], name).not.toBe(parameters[name])
    })
    expect(await valuesInside(context, 'all', allParameters)).toEqual(Object.values(parameters))
  })

  test('the host keeps its own kernel parameters', {
    covers: ['sysctl-optional'],
    needs: ['runtime:host-kernel', 'ipc-namespace', 'network-namespace'],
  }, async (context) => {
    const { runtime, control, expect } = context
    await using host = await HeldNamespaces.open(['ipc', 'net'])
    const entering = host.entering('ipc', 'net')
    const valuesOnHost = async () => valuesIn(await runTool([...entering, 'sh', '-c', printing]))
    const before = await valuesOnHost()
    await control('the container has other values', async () => {
      const called = runtime.called({ through: entering })
      expect(await valuesInside({ ...context, runtime: called }, 'all', allParameters)).not.toEqual(before)
    })
    expect(await valuesOnHost()).toEqual(before)
  })

  test('a kernel parameter is set also where it lies under a read-only path', {
    covers: ['sysctl-optional'],
  }, async ({ bundles, runtime, control, expect }) => {
    const file = fileOf('kernel.msgmax')
    const bundle = await bundles.busybox(
      'read-only',
      shell(`cat ${file}; echo 8010 2>/dev/null > ${file}; cat ${file}`),
      combine(withSysctl('kernel.msgmax', '8009'), withLinux({ readonlyPaths: ['/proc/sys'] })),
    )
    await control('the program may not change it itself', async () => {
      expect((await runtime.run(bundle)).stdout.split('\n')[1]).not.toBe('8010')
    })
    expect(await runtime.run(bundle)).toHavePrinted('8009\n8009\n')
  })
})
