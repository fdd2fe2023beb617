/** The argument that holds a list of flat objects. */
import { z } from 'zod'
import { Failure } from '../failures.ts'
import { type Arguments, MAX_VALUES } from './arguments.ts'
import { findSingle } from './given.ts'
import { decodeJsonObject } from './json-body.ts'
import { type Param, problemOfCharacters, refuseSurplus } from './params.ts'

const OBJECTS_TEXT_MAX = 512 * 1024

/**
 * A list of flat objects: in a JSON body as it stands, elsewhere as the text of such a list. Values are texts; keys that are not named
 * are left out.
 */
export function objects(options: {
  readonly doc: string
  readonly keys: readonly string[]
  readonly max: number
}): Param<readonly Readonly<Record<string, string>>[]> {
  const { doc, keys, max } = options
  const schema = z.array(z.object(Object.fromEntries(keys.map((key) => [key, z.string().optional()])))).max(max)
  const invalid = (argument: string, problem: string) =>
    new Failure('argument-invalid', { argument, value: 'the list', problem })
  return {
    kind: 'list of objects',
    doc,
    optional: false,
    multiple: false,
    secret: false,
    aliases: [],
    guarded: false,
    schema: schema.describe(doc),
    claims: (name, sentAs) => sentAs === name,
    read(args, name) {
      const sent = args.objects?.get(name) ?? objectsIn(args, name)
      if (sent === undefined) throw new Failure('argument-missing', { argument: name })
      refuseSurplus(sent.length, max, name)
      const read = schema.safeParse(sent)
      if (!read.success || sent.length === 0) throw invalid(name, `is no list of objects with ${keys.join(' and ')}`)
      for (const item of read.data)
        for (const value of Object.values(item)) {
          const problem = problemOfCharacters(value ?? '')
          if (problem !== undefined) throw invalid(name, problem)
        }
      // The schema made each value a text, and left out those that are not there.
      return read.data as readonly Readonly<Record<string, string>>[]
    },
  }
}

function objectsIn(args: Arguments, name: string): readonly unknown[] | undefined {
  const text = findSingle(args, name, [])
  if (text === undefined) return undefined
  if (text.length > OBJECTS_TEXT_MAX)
    throw new Failure('argument-invalid', { argument: name, value: 'the list', problem: 'is too long' })
  return decodeJsonObject(`{"list":${text}}`, MAX_VALUES).objects?.get('list') ?? []
}
