import { defineWrite } from '../define.ts'
import { changeConfig } from './config-change.ts'
import { configParams, shownConfig, withValues } from './config-forms.ts'

/** What a call leaves out stays as it is. */
export const saveCphulkConfig = defineWrite({
  name: 'save_cphulk_config',
  group: 'Brute-force protection',
  summary: 'Change what the protection counts and from when on it bans.',
  source: 'WHM API 1, "Save login security configuration settings"',
  acl: 'all',
  params: configParams,
  failures: [],
  v0: 'none',
  audit: () => '',
  async run(context, values) {
    const config = await changeConfig(context, (before) => withValues(before, values))
    return { data: { cphulk_config: shownConfig(config) } }
  },
})
