import { defineRead } from '../define.ts'
import { lasting } from './lasting.ts'

/** What clients probe a connection with, so it answers without a promise and without a look at the database. */
export const version = defineRead({
  name: 'version',
  group: 'Server',
  summary: 'Tell the version of this server.',
  source: 'WHM API 1, version',
  acl: 'basic-whm-functions',
  params: {},
  failures: [],
  v0: 'plain',
  run: lasting((facts) => ({ data: { version: facts.version } })),
})
