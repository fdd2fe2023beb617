import type { Caller } from '../../acl/caller.ts'
import { Failure } from '../../failures.ts'
import { assertReaches } from '../../tokens/grant.ts'
import { type AskedRotation, type Overlap, planRotation, type RotationPlan } from '../../tokens/rotation.ts'
import { currentPepper, digestOf, makeSecret } from '../../tokens/secret.ts'
import type { Token } from '../../tokens/token.ts'
import { guarded, optional, text, unixSeconds, type Values } from '../../whm/params.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { assertPasswordFresh } from '../sessions/fresh-password.ts'
import { findTokenInReach } from './by-id.ts'
import { seconds, wholeSecond } from './forms.ts'

const DEFAULT_OVERLAP = '86400'
const OVERLAP_MAX_SECONDS = 366 * 86_400

const params = {
  token_id: text({ doc: 'The public id of the token.', min: 1, max: 100 }),
  overlap: optional(
    guarded(
      text({
        doc: 'How long the secret of now works on: a number of seconds, `first-use` (until the new one is used), or 0 to end it, and any older one, at once. Absent: one day.',
        only: /^(0|[1-9][0-9]{0,8}|first-use)$/,
        onlyProblem: 'is neither a number of seconds nor “first-use”',
      }),
    ),
  ),
  ends_at: optional(
    guarded(
      unixSeconds({ doc: 'The moment at which the secret of now ends, instead of an overlap, at most a year ahead.' }),
    ),
  ),
  key: optional(
    text({
      doc: 'Any text of yours, new for each rotation: with it the call may be repeated until a reply arrives.',
      min: 1,
      max: 100,
      only: /^[!-~]+$/,
      onlyProblem: 'may hold only visible ASCII characters',
    }),
  ),
}

/** With `api_token_create` the only reply that ever holds a secret of a token. */
export const posternTokenRotate = defineWrite({
  name: 'postern_token_rotate',
  group: 'API tokens',
  summary:
    'Give an API token a new secret; its id, name and settings stay, and the secret before works on for a while.',
  source: 'Postern',
  acl: 'manage-api-tokens',
  params,
  failures: [
    'password-needed',
    'token-not-found',
    'beyond-own-limits',
    'owner-suspended',
    'arguments-disagree',
    'rotation-over',
  ],
  v0: 'none',
  audit: (values) => values.token_id,
  async run(context, values) {
    const { caller, now, stores, services, note } = context
    assertPasswordFresh(caller, now)
    const token = await findTokenInReach(stores, caller, values.token_id)
    if (token === undefined) throw new Failure('token-not-found', { names: values.token_id })
    // Whoever gets the secret can do what the token can, so it must be no more than the caller's own.
    assertReaches(caller, token)
    assertSameService(caller, token)
    await assertOwnerFree(context, token)
    const asked = askedRotation(values, now)
    const plan = planRotation(token, await stores.secrets.listOld(token.id), asked, now)
    const secret = makeSecret(token.service === 'whm' ? 'PSW' : 'PSC')
    const madeAt = wholeSecond(now)
    const pepperVersion = services.peppers.current
    const digest = digestOf(secret, currentPepper(services.peppers))
    const isDone = await stores.secrets.replace(token.id, token.secretNumber, {
      digest,
      pepperVersion,
      madeAt,
      replaced: plan.replaced,
    })
    if (!isDone) throw new Failure('token-not-found', { names: values.token_id })
    await stores.secrets.end(token.id, plan.endNow, now, 'rotated')
    noteRotation(note, token, asked, plan)
    return { data: { ...factsOf(token, plan), token: secret, create_time: seconds(madeAt) } }
  },
})

/** The token of an account opens all of the account, which no privilege of WHM measures. Tokens that come here are WHM's. */
function assertSameService({ credential }: Caller, { service }: Token): void {
  if (credential.kind === 'token' && service !== 'whm')
    throw new Failure('beyond-own-limits', { problem: 'the token to be changed is for the account itself' })
}

async function assertOwnerFree({ stores }: WriteContext, token: Token): Promise<void> {
  const owner = await stores.accounts.findUserById(token.userId)
  if (owner === undefined || owner.isSuspended) throw new Failure('owner-suspended', { user: owner?.name ?? '' })
}

function askedRotation(values: Values<typeof params>, now: Date): AskedRotation {
  const { overlap, ends_at: endsAt, key } = values
  if (endsAt === undefined) {
    const overlapText = overlap ?? DEFAULT_OVERLAP
    return { overlap: overlapOf(overlapText, now), overlapText, key }
  }
  if (overlap !== undefined)
    throw new Failure('arguments-disagree', { problem: 'give either “overlap” or “ends_at”, not both' })
  if (endsAt === 'never') throw bad('ends_at', '0', 'is no moment; use “first-use” as the overlap where none is known')
  if (endsAt.getTime() - now.getTime() > OVERLAP_MAX_SECONDS * 1000)
    throw bad('ends_at', String(seconds(endsAt)), 'is more than a year ahead')
  return { overlap: { kind: 'until', endsAt }, overlapText: `until ${seconds(endsAt)}`, key }
}

function overlapOf(text: string, now: Date): Overlap {
  if (text === 'first-use') return { kind: 'first-use' }
  const overlapSeconds = Number(text)
  if (overlapSeconds === 0) return { kind: 'none' }
  if (overlapSeconds > OVERLAP_MAX_SECONDS) throw bad('overlap', text, 'is more than a year')
  return { kind: 'until', endsAt: new Date(now.getTime() + overlapSeconds * 1000) }
}

function bad(argument: string, value: string, problem: string): Failure {
  return new Failure('argument-invalid', { argument, value, problem })
}

function noteRotation(note: WriteContext['note'], token: Token, asked: AskedRotation, plan: RotationPlan): void {
  note('token', token.id)
  note('name', token.name)
  note('secret_number', token.secretNumber + 1)
  note('overlap', asked.overlapText)
  if (plan.isRepeat) note('repeated', 'the secret before was never used and is ended')
  if (plan.endNow.length > 0) note('ended_secrets', plan.endNow.map(String))
}

function factsOf(token: Token, { replaced, isRepeat }: RotationPlan) {
  return {
    name: token.name,
    postern_id: token.id,
    secret_number: token.secretNumber + 1,
    old_secret: token.secretNumber,
    old_secret_ends_at: replaced.endsAt === undefined ? null : seconds(replaced.endsAt),
    old_secret_ends_with_first_use: replaced.endsWithFirstUse ? 1 : 0,
    old_secret_ended: replaced.endedAt === undefined ? 0 : 1,
    repeated: isRepeat ? 1 : 0,
  }
}
