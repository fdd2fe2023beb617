/**
 * A secret in the wrong argument, a token given as the reason of a suspension for instance, would be kept and shown for ever. So a
 * change that could keep one where none belongs is taken back.
 */
import { Failure } from '../failures.ts'
import { isWellFormedSecret } from '../tokens/secret.ts'
import type { Arguments } from '../whm/arguments.ts'
import { holdsSecret } from '../whm/mask.ts'
import type { Params } from '../whm/params.ts'

/** Throws `argument-invalid`; arguments that the function does not have are left alone, since nobody keeps them. */
export function assertNoStraySecret(params: Params, args: Arguments): void {
  for (const [argument, values] of args.values) {
    const value = values.find((one) => holdsSecret(one) || holdsWholeToken(one))
    if (value === undefined || !isKept(params, argument.replace(/-\d+$/, ''))) continue
    throw new Failure('argument-invalid', {
      argument,
      value: '(not shown)',
      problem: 'holds the secret of a token or of a session, or a private key',
    })
  }
}

/** Wherever it stands: by chance its check characters come up once in a million times. */
function holdsWholeToken(text: string): boolean {
  for (const { index } of text.matchAll(/PS[WC](?=[0-9A-Z]{29})/gi))
    if (isWellFormedSecret(text.slice(index, index + 32).toUpperCase())) return true
  return false
}

function isKept(params: Params, name: string): boolean {
  const known = Object.entries(params).find(([param, { aliases }]) => param === name || aliases.includes(name))
  return known !== undefined && !known[1].secret
}
