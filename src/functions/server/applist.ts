import { defineRead } from '../define.ts'
import { mayCall } from '../may-call.ts'

/** Open to every credential, so that a client can find out what its token is good for (WHM's own privilege is not documented). */
export const applist = defineRead({
  name: 'applist',
  group: 'Server',
  summary: 'List the functions that you may call.',
  source: 'WHM API 1, applist',
  acl: false,
  params: {},
  failures: [],
  v0: 'plain',
  run({ caller, catalogue }) {
    const names = catalogue.filter((definition) => mayCall(definition, caller)).map(({ name }) => name)
    return { data: { app: names.sort() } }
  },
})
