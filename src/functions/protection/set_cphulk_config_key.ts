import { text } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'
import { changeConfig } from './config-change.ts'
import { CONFIG_KEYS, parseConfigValue, withValues } from './config-forms.ts'

export const setCphulkConfigKey = defineWrite({
  name: 'set_cphulk_config_key',
  group: 'Brute-force protection',
  summary: 'Change one setting of the protection.',
  source: 'WHM API 1, "Update login security configuration settings"',
  acl: 'all',
  params: {
    key: text({ doc: `One of ${CONFIG_KEYS.join(', ')}.`, max: 100 }),
    value: text({ doc: 'Its new value.', max: 1000 }),
  },
  failures: [],
  v0: 'none',
  audit: (values) => values.key,
  async run(context, { key, value }) {
    await changeConfig(context, (before) => withValues(before, { [key]: parseConfigValue(key, value) }))
    return { data: {} }
  },
})
