import { defineWrite } from '../define.ts'
import { changeConfig } from './config-change.ts'

export const enableCphulk = defineWrite({
  name: 'enable_cphulk',
  group: 'Brute-force protection',
  summary: 'Count failed attempts and ban addresses.',
  source: 'WHM API 1, "Enable login security"',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  audit: () => '',
  async run(context) {
    await changeConfig(context, (config) => ({ ...config, isEnabled: true }))
    return { data: {} }
  },
})
