import type { Preferences } from '../../accounts/preferences.ts'

/** Preferences as they stand on the wire. */
export function preferenceFacts({ hideSecrets = false }: Preferences) {
  return { hide_secrets: hideSecrets ? 1 : 0 }
}
