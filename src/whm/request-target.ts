/**
 * Which surface and function a request line asks for. The path is taken as it was sent: nothing is decoded, normalised or trimmed,
 * so no two spellings reach one function, and a name that is not exactly a name reaches none. Names keep their case (UAPI's are
 * case-sensitive, documented; another case of a WHM name is another name). No I/O.
 */

/** `shownName` is what an "unknown" reply may quote, cut; a function may be looked up only by a name that is not undefined. */
export type Surface =
  | {
      readonly surface: 'json-api' | 'xml-api'
      readonly functionName: string | undefined
      readonly shownName: string
    }
  | {
      readonly surface: 'execute'
      readonly module: string | undefined
      readonly function: string | undefined
      readonly shownName: string
    }
  | { readonly surface: 'other'; readonly path: string }

export type Target = Surface & {
  /** `/cpsess` and its digits, as sent before the path of a call in a browser session; undefined without. */
  readonly securityToken: string | undefined
  /** What stands after the first `?`, as sent. */
  readonly rawQuery: string
}

const NAME = /^[A-Za-z0-9_]{1,100}$/
const SHOWN_MAX = 100

/** Reads the target of a request line. An absolute or asterisk form is `other`, whatever it points to. */
export function parseTarget(rawUrl: string): Target {
  const mark = rawUrl.indexOf('?')
  const fullPath = mark === -1 ? rawUrl : rawUrl.slice(0, mark)
  const rawQuery = mark === -1 ? '' : rawUrl.slice(mark + 1)
  const securityToken = securityTokenOf(fullPath)
  const path = securityToken === undefined ? fullPath : fullPath.slice(securityToken.length) || '/'
  return { ...surfaceOf(path), securityToken, rawQuery }
}

function securityTokenOf(path: string): string | undefined {
  return path.startsWith('/cpsess') ? /^\/cpsess[0-9]{1,20}(?=\/|$)/.exec(path)?.[0] : undefined
}

function surfaceOf(path: string): Surface {
  for (const surface of ['json-api', 'xml-api'] as const) {
    const name = restAfter(path, surface)
    if (name !== undefined) return { surface, functionName: nameOrNone(name), shownName: cut(name) }
  }
  const rest = restAfter(path, 'execute')
  return rest === undefined ? { surface: 'other', path } : executeSurface(rest)
}

/** `/json-api` alone is the surface with the empty name. */
function restAfter(path: string, surface: string): string | undefined {
  if (!path.startsWith(surface, 1) || path[0] !== '/') return undefined
  if (path.length === surface.length + 1) return ''
  return path[surface.length + 1] === '/' ? path.slice(surface.length + 2) : undefined
}

function executeSurface(rest: string): Surface {
  const slash = rest.indexOf('/')
  const module = slash === -1 ? undefined : nameOrNone(rest.slice(0, slash))
  const name = slash === -1 ? undefined : nameOrNone(rest.slice(slash + 1))
  const shownName = cut(slash === -1 ? rest : `${rest.slice(0, slash)}::${rest.slice(slash + 1)}`)
  const isWhole = module !== undefined && name !== undefined
  return {
    surface: 'execute',
    module: isWhole ? module : undefined,
    function: isWhole ? name : undefined,
    shownName,
  }
}

function nameOrNone(text: string): string | undefined {
  return NAME.test(text) ? text : undefined
}

function cut(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}
