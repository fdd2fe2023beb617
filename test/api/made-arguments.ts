/** Arguments for any function, made from its own description: as far as names and forms tell, such that the call would do something. */
import type { Params } from '../../src/whm/params.ts'
import type { Arguments } from '../start-server.ts'

export type World = {
  /** An account, or whatever stands for its name. */
  readonly user: string
  readonly domain: string
  readonly reseller: string
  /** With its reseller's prefix. */
  readonly pkg: string
}

/** The arguments that name somebody's account or domain, and so must be checked for whose it is. */
export const NAMES_A_USER: ReadonlySet<string> = new Set([
  'user',
  'username',
  'cpanel.user',
  'cpanel_jsonapi_user',
  'account',
  'trueowner',
])
export const NAMES_A_DOMAIN: ReadonlySet<string> = new Set([
  'domain',
  'zone',
  'rootdomain',
  'servername',
  'domains',
  'host',
])

export const NAMES_A_PACKAGE: ReadonlySet<string> = new Set(['pkg', 'pkgname', 'plan'])

const SOON = Math.floor(Date.now() / 1000) + 86_400

const BY_NAME: Readonly<Record<string, (world: World) => string | number>> = {
  reseller: ({ reseller }) => reseller,
  owner: ({ reseller }) => reseller,
  password: () => 'a pass phrase long enough 9',
  service: () => 'cpaneld',
  contactemail: () => 'somebody@example.org',
  email: ({ domain }) => `somebody@${domain}`,
  acl: () => 'list-accts',
  ip: () => '192.0.2.77',
  search: () => '.',
  tfa_token: () => '123456',
  secret: () => 'GEZDGNBVGY3TQOJQ',
  token_name: () => 'matrix',
  name: () => 'matrix',
  new_name: () => 'matrix-changed',
  newuser: () => 'matrixnew',
  acllist: () => 'matrix-list',
}

const BY_KIND: Readonly<Record<string, string | number>> = {
  flag: 1,
  'whole number': 1,
  'Unix seconds': SOON,
  'IP rules': '192.0.2.1',
  privilege: 'list-accts',
}

/** Those that a call cannot leave out. */
export function requiredOf(params: Params): Params {
  return Object.fromEntries(Object.entries(params).filter(([, { optional }]) => !optional))
}

/** One value for each argument. */
export function argumentsFor(params: Params, world: World): Arguments {
  const args: Record<string, string | number> = {}
  for (const [name, { kind }] of Object.entries(params)) {
    if (kind === 'privilege flags') args[`${name}-list-accts`] = 1
    else args[name] = valueFor(name, kind, world)
  }
  return args
}

function valueFor(name: string, kind: string, world: World): string | number {
  if (NAMES_A_USER.has(name)) return world.user
  if (NAMES_A_DOMAIN.has(name)) return world.domain
  if (NAMES_A_PACKAGE.has(name)) return world.pkg
  return BY_NAME[name]?.(world) ?? BY_KIND[kind.replace(/^list of /, '')] ?? 'matrix'
}
