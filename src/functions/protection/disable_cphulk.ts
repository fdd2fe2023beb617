import { defineWrite } from '../define.ts'
import { changeConfig } from './config-change.ts'

export const disableCphulk = defineWrite({
  name: 'disable_cphulk',
  group: 'Brute-force protection',
  summary: 'Count no failed attempts and ban nobody. Lists and counts stay.',
  source: 'WHM API 1, "Disable login security"',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  audit: () => '',
  async run(context) {
    await changeConfig(context, (config) => ({ ...config, isEnabled: false }))
    return { data: {} }
  },
})
