/** Arguments that are flags with names of their own and are read together as one map. */
import { z } from 'zod'
import { findSingle, refuseUnreadable } from './given.ts'
import { accept, FLAG, manyOf, type Param, parseFlag } from './params.ts'

/**
 * Every `acl-NAME=0|1` as one map, empty when there is none (WHM setacls, saveacllist). Declare it as `acl`. Anything else that
 * begins with `acl` and is not declared is refused.
 */
export function aclFlags({ doc }: { readonly doc: string }): Param<ReadonlyMap<string, boolean>> {
  const claims = (name: string, sentAs: string) => sentAs.length > name.length + 1 && sentAs.startsWith(`${name}-`)
  return {
    ...manyOf(true),
    kind: 'privilege flags',
    doc,
    optional: true,
    secret: false,
    schema: z.record(z.string(), FLAG).describe(doc),
    claims,
    read(args, name) {
      const flags = new Map<string, boolean>()
      for (const sentAs of args.unreadable.keys()) if (claims(name, sentAs)) refuseUnreadable(args, sentAs, sentAs)
      for (const sentAs of args.values.keys()) {
        if (!claims(name, sentAs)) continue
        const value = findSingle(args, sentAs, []) ?? ''
        flags.set(sentAs.slice(name.length + 1), accept(parseFlag(value), value, sentAs, false))
      }
      return flags
    },
  }
}

/** Each of the names as an argument of its own, `NAME=0|1`, gathered in one map; empty when there is none. Declare it under any name. */
export function namedFlags(options: {
  readonly doc: string
  readonly names: readonly string[]
}): Param<ReadonlyMap<string, boolean>> {
  const { doc, names } = options
  return {
    ...manyOf(false),
    kind: 'flags by name',
    doc,
    optional: true,
    secret: false,
    schema: z.record(z.string(), FLAG).describe(doc),
    claims: (_name, sentAs) => names.includes(sentAs),
    read(args) {
      const flags = new Map<string, boolean>()
      for (const name of names) {
        const value = findSingle(args, name, [])
        if (value !== undefined) flags.set(name, accept(parseFlag(value), value, name, false))
      }
      return flags
    },
  }
}
