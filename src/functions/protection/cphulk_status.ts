import { defineRead } from '../define.ts'

export const cphulkStatus = defineRead({
  name: 'cphulk_status',
  group: 'Brute-force protection',
  summary: 'Tell whether failed attempts are counted.',
  source: 'WHM API 1, "Return login security status"',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  async run({ stores }) {
    const { isEnabled } = await stores.protection.config()
    return { data: { is_enabled: isEnabled ? 1 : 0, service: 'cPHulk' } }
  },
})
