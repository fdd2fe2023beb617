import { defineRead } from '../define.ts'
import { lasting } from './lasting.ts'

/** The name that the settings give, or the machine's own. */
export const gethostname = defineRead({
  name: 'gethostname',
  group: 'Server',
  summary: "Tell the server's host name.",
  source: 'WHM API 1, gethostname',
  acl: 'basic-system-info',
  params: {},
  failures: [],
  v0: 'plain',
  run: lasting((facts) => ({ data: { hostname: facts.hostname } })),
})
