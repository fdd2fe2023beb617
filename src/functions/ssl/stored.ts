/** Certificates and keys that an account keeps, named by their id or by their name for people. */
import { Failure } from '../../failures.ts'
import { optional, text } from '../../whm/params.ts'
import { friendlyName } from './forms.ts'

export const storedParams = {
  id: optional(text({ doc: 'Its id. This or `friendly_name` is required.', max: 200 })),
  friendly_name: optional(friendlyName),
}

type Named = { readonly id?: string | undefined; readonly friendly_name?: string | undefined }

/** The id, or else the name, as it was sent. */
export function nameOf({ id, friendly_name: name }: Named): string {
  return id || (name ?? '')
}

/** The one that is meant. Throws `argument-missing`, `stored-not-found`, and `arguments-disagree` for a name that several have. */
export function pickStored<T extends { readonly id: string; readonly friendlyName: string }>(
  what: 'certificate' | 'key',
  stored: readonly T[],
  named: Named,
): T {
  const name = nameOf(named)
  if (name === '') throw new Failure('argument-missing', { argument: 'id” or “friendly_name' })
  const [found, second] = stored.filter(({ id, friendlyName }) => (named.id ? id : friendlyName) === name)
  if (found === undefined) throw new Failure('stored-not-found', { what, name })
  if (second !== undefined)
    throw new Failure('arguments-disagree', { problem: `“friendly_name” fits several, so that “id” must tell which` })
  if (named.id && named.friendly_name && found.friendlyName !== named.friendly_name)
    throw new Failure('arguments-disagree', { problem: '“friendly_name” is not the name of “id”' })
  return found
}
