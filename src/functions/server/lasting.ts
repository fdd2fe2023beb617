import type { Outcome } from '../../whm/reply.ts'
import type { Context, ServerFacts } from '../context.ts'

/**
 * An outcome that stays the same while the server runs. It is made once for a server and frozen, by which whoever words the reply
 * knows that the words can be kept too.
 */
export function lasting(make: (facts: ServerFacts) => Outcome): (context: Context) => Outcome {
  const made = new WeakMap<ServerFacts, Outcome>()
  return ({ services: { facts } }) => {
    let outcome = made.get(facts)
    if (outcome === undefined) {
      outcome = Object.freeze(make(facts))
      made.set(facts, outcome)
    }
    return outcome
  }
}
