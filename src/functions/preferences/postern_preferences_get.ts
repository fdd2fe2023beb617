import { defineRead } from '../define.ts'
import { preferenceFacts } from './facts.ts'

export const posternPreferencesGet = defineRead({
  name: 'postern_preferences_get',
  group: 'Preferences',
  summary: 'Tell how you like the pages.',
  source: 'Postern',
  acl: false,
  params: {},
  failures: [],
  v0: 'none',
  async run({ caller, stores }) {
    return { data: preferenceFacts(await stores.preferences.of(caller.userId)) }
  },
})
