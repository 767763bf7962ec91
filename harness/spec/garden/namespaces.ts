import type { Namespace } from '../schema/linux.ts'
import type { NamespaceType } from '../tables/namespaces.ts'
import type { GardenHost } from './host.ts'
import type { Treatment } from './treatment.ts'

const always: readonly NamespaceType[] = ['pid', 'ipc', 'uts', 'mount', 'network']

/** The namespaces a container has for itself (namespaces(7)); it joins none. */
export function newNamespaces(treatment: Treatment, host: Pick<GardenHost, 'cgroupNamespace'>): Namespace[] {
  const types = [...always]
  if (treatment.userNamespace) types.push('user')
  if (treatment.ownCgroup && host.cgroupNamespace) types.push('cgroup')
  return types.map((type) => ({ type }))
}
