/** A call as lines that a person can paste: never with a secret in them. No I/O. */
import type { Arguments } from './api.ts'

/** Stands where the reader puts their own token. */
export const SECRET_PLACE = 'YOUR-TOKEN'

type Pair = readonly [name: string, value: string]

function pairsOf(args: Arguments): readonly Pair[] {
  return Object.entries(args).flatMap(([name, value]): readonly Pair[] => {
    if (value === undefined) return []
    if (!Array.isArray(value)) return [[name, String(value)]]
    return value.map((item, at): Pair => [at === 0 ? name : `${name}-${at}`, String(item)])
  })
}

/** For a POSIX shell: nothing in it is expanded, whatever it holds. */
export function shellQuote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** With curl, as any client would. */
export function curlLines(origin: string, user: string, name: string, args: Arguments, secret = SECRET_PLACE): string {
  const lines = [
    `curl -H ${shellQuote(`Authorization: whm ${user}:${secret}`)}`,
    shellQuote(`${origin}/json-api/${name}`),
    '-d api.version=1',
    ...pairsOf(args).map(([argument, value]) => `--data-urlencode ${shellQuote(`${argument}=${value}`)}`),
  ]
  return lines.join(' \\\n  ')
}

/** On the machine itself, as root; a percent sign is written as `%25`, as `whmapi1` reads it. */
export function whmapi1Line(name: string, args: Arguments): string {
  const given = pairsOf(args).map(([argument, value]) => shellQuote(`${argument}=${value.replaceAll('%', '%25')}`))
  return ['whmapi1', name, ...given].join(' ')
}
