import { defineRead } from '../define.ts'
import { shownConfig } from './config-forms.ts'

export const loadCphulkConfig = defineRead({
  name: 'load_cphulk_config',
  group: 'Brute-force protection',
  summary: 'Read what the protection counts and from when on it bans.',
  source: 'WHM API 1, "Return login security configuration settings"',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  async run({ stores }) {
    return { data: { cphulk_config: shownConfig(await stores.protection.config()) } }
  },
})
