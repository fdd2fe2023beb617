/** The arguments of one call, taken out of those of another. */
import type { Arguments } from '../whm/arguments.ts'

/** Those whose name `keeps` lets through. */
export function argumentsWhere(args: Arguments, keeps: (name: string) => boolean): Arguments {
  const kept = <T>(map: ReadonlyMap<string, T>) => new Map([...map].filter(([name]) => keeps(name)))
  return { values: kept(args.values), unreadable: kept(args.unreadable), clashes: args.clashes.filter(keeps) }
}
