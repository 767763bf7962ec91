import { configuration, type Fault } from '../harness/fault/index.ts'
import { changing, hookKinds } from '../harness/spec/index.ts'

export const hooks: readonly Fault[] = [
  {
    id: 'hooks-dropped',
    area: 'hooks',
    violates: [
      'hooks-optional',
      'lifecycle-prestart-invoked',
      'lifecycle-createruntime-invoked',
      'lifecycle-createcontainer-invoked',
      'lifecycle-startcontainer-invoked',
      'lifecycle-poststart-invoked',
      'lifecycle-poststop-invoked',
    ],
    sentence: 'The runtime runs no hook at all.',
    effect: configuration(
      changing((spec) => {
        delete spec.hooks
      }),
    ),
  },
  {
    id: 'hooks-in-reverse-order',
    area: 'hooks',
    violates: ['hooks-run-in-listed-order'],
    sentence: 'The runtime runs the hooks of each kind last to first.',
    effect: configuration(
      changing(({ hooks = {} }) => {
        for (const kind of hookKinds) hooks[kind]?.reverse()
      }),
    ),
  },
]
