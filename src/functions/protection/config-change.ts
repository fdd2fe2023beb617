/** A change of the protection's configuration, in effect from the next call on. */
import type { ProtectionConfig } from '../../protection/config.ts'
import type { WriteContext } from '../context.ts'

export async function changeConfig(
  context: WriteContext,
  change: (config: ProtectionConfig) => ProtectionConfig,
): Promise<ProtectionConfig> {
  const { stores, services } = context
  const before = await stores.protection.config()
  const after = change(before)
  await stores.protection.saveConfig(after)
  await stores.protection.raiseVersion()
  context.onCommit(() => services.protection.reload())
  const keys = Object.keys(after) as (keyof ProtectionConfig)[]
  const changed = keys.filter((key) => before[key] !== after[key])
  if (changed.length > 0)
    context.note(
      'changed',
      changed.map((key) => `${key}: ${before[key]} → ${after[key]}`),
    )
  return after
}
