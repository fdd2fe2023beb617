import { flag, optional } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'
import { preferenceFacts } from './facts.ts'

/** What is left out stays. They change no right, so a token of the user may set them as well. */
export const posternPreferencesSet = defineWrite({
  name: 'postern_preferences_set',
  group: 'Preferences',
  summary: 'Change how you like the pages.',
  source: 'Postern',
  acl: false,
  params: { hide_secrets: optional(flag({ doc: '1: the secret of a new token is covered until you ask for it.' })) },
  failures: [],
  v0: 'none',
  audit: () => '',
  async run({ caller, stores }, { hide_secrets }) {
    const before = await stores.preferences.of(caller.userId)
    const after = hide_secrets === undefined ? before : { ...before, hideSecrets: hide_secrets }
    await stores.preferences.set(caller.userId, after)
    return { data: preferenceFacts(after) }
  },
})
