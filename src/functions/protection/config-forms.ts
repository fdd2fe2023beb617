/** The configuration of the protection under the names that WHM's cPHulk has for it. */
import { Failure } from '../../failures.ts'
import type { ProtectionConfig } from '../../protection/config.ts'
import { flag, optional, type SingleParam, text, wholeNumber } from '../../whm/params.ts'

type FlagKey = {
  [K in keyof ProtectionConfig]: ProtectionConfig[K] extends boolean ? K : never
}[keyof ProtectionConfig]
type NumberKey = Exclude<keyof ProtectionConfig, FlagKey>

const FLAGS: Readonly<Record<string, readonly [FlagKey, string]>> = {
  is_enabled: ['isEnabled', 'Whether failed attempts are counted at all.'],
  ip_based_protection: ['countsByAddress', 'Whether addresses are banned.'],
  username_based_protection: ['countsByUser', 'Whether guessing the password of one user is slowed down and bounded.'],
  username_based_protection_local_origin: [
    'countsByUserLocally',
    "Whether that holds for attempts from the machine's own addresses too.",
  ],
  username_based_protection_for_root: ['countsForRoot', 'Whether it holds for root.'],
  notify_on_root_login: ['notifyOnRootLogin', 'Whether a sign-in of root from a new address raises an alert.'],
  notify_on_root_login_for_known_netblock: [
    'notifyOnRootLoginForKnownNetblock',
    'Whether one from a known address does too.',
  ],
  notify_on_brute: ['notifyOnBrute', 'Whether a ban raises an alert.'],
}

const NUMBERS: Readonly<Record<string, readonly [key: NumberKey, min: number, max: number, doc: string]>> = {
  brute_force_period_mins: ['windowMinutes', 1, 1440, 'Failures are counted over so many minutes.'],
  ip_brute_force_period_mins: [
    'banMinutes',
    1,
    1440,
    'A first ban lasts so many minutes, each next one twice as long.',
  ],
  lookback_period_min: ['lookbackMinutes', 1, 43_200, 'Failed attempts are listed, and earlier bans counted, so long.'],
  max_failures: ['maxFailuresByUser', 1, 100, 'So many wrong passwords in a row lock a user, but for known addresses.'],
  max_failures_byip: ['maxFailuresByAddress', 1, 1000, 'So many failures ban an address.'],
  mark_as_brute: ['markAsBrute', 1, 100_000, 'So many failures within the lookback ban an address for a day.'],
}

/** The same in seconds. */
const SECONDS: Readonly<Record<string, NumberKey>> = {
  brute_force_period_sec: 'windowMinutes',
  ip_brute_force_period_sec: 'banMinutes',
  lookback_time: 'lookbackMinutes',
}

// Our choice: a firewall and commands are Fail2Ban's work, which `postern fail2ban install` sets up.
const LEFT_TO_FAIL2BAN: Readonly<Record<string, 0 | ''>> = {
  block_brute_force_with_firewall: 0,
  block_excessive_brute_force_with_firewall: 0,
  can_temp_ban_firewall: 0,
  command_to_run_on_brute_force: '',
  command_to_run_on_excessive_brute_force: '',
}

/** One parameter a key. */
const KEYS: Readonly<Record<string, SingleParam<boolean | number | string>>> = {
  ...mapped(FLAGS, ([, doc]) => flag({ doc })),
  ...mapped(NUMBERS, ([, min, max, doc]) => wholeNumber({ doc, min, max })),
  ...mapped(SECONDS, () => wholeNumber({ doc: 'The same in seconds, whole minutes of them.', min: 60 })),
  ...mapped(LEFT_TO_FAIL2BAN, () => text({ doc: 'Not offered; only the value it has is taken.', max: 1000 })),
}

export const CONFIG_KEYS: readonly string[] = Object.keys(KEYS)

/** For `save_cphulk_config`: what is left out stays. */
export const configParams: Readonly<Record<string, ReturnType<typeof optional<boolean | number | string>>>> = mapped(
  KEYS,
  (param) => optional(param),
)

function mapped<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))
}

/** One value as it was sent. Throws `argument-invalid`. */
export function parseConfigValue(key: string, value: string): boolean | number | string {
  const param = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined
  if (param === undefined)
    throw new Failure('argument-invalid', { argument: 'key', value: key, problem: 'is no key of the configuration' })
  return param.parse(value, key)
}

/** The configuration with these values, by their names at WHM, in place of its own. Throws `argument-invalid`. */
export function withValues(
  config: ProtectionConfig,
  values: Readonly<Record<string, boolean | number | string | undefined>>,
): ProtectionConfig {
  let changed = config
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    const key = FLAGS[name]?.[0] ?? NUMBERS[name]?.[0]
    if (key !== undefined) changed = { ...changed, [key]: value }
    else if (name in SECONDS) changed = { ...changed, ...minutesOf(name, Number(value)) }
    else if (String(value) !== String(LEFT_TO_FAIL2BAN[name]))
      throw new Failure('argument-invalid', {
        argument: name,
        value: String(value),
        problem: 'is not offered: firewalls and commands are left to Fail2Ban (postern fail2ban install)',
      })
  }
  return changed
}

function minutesOf(name: string, seconds: number): Partial<ProtectionConfig> {
  const [key, min, max] = Object.values(NUMBERS).find(([key]) => key === SECONDS[name]) ?? []
  const minutes = seconds / 60
  if (key === undefined || min === undefined || max === undefined) throw new Error(`${name} is no span`)
  if (!Number.isInteger(minutes) || minutes < min || minutes > max)
    throw new Failure('argument-invalid', {
      argument: name,
      value: String(seconds),
      problem: `is not a whole number of minutes from ${min} to ${max}`,
    })
  return { [key]: minutes }
}

/** As WHM shows it: numbers, and 1 or 0 for switches. */
export function shownConfig(config: ProtectionConfig): Readonly<Record<string, number | string>> {
  return {
    ...mapped(FLAGS, ([key]) => (config[key] ? 1 : 0)),
    ...mapped(NUMBERS, ([key]) => config[key]),
    ...mapped(SECONDS, (key) => config[key] * 60),
    ...LEFT_TO_FAIL2BAN,
  }
}
