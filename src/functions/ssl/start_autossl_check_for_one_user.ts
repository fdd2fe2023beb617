import { Failure } from '../../failures.ts'
import { userName } from '../accounts/forms.ts'
import { loadAccount } from '../accounts-in-reach.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'

export const startAutosslCheckForOneUser = defineWrite({
  name: 'start_autossl_check_for_one_user',
  group: 'Certificates',
  summary: 'Let the sites of an account that need a certificate be tried now, whatever failed before.',
  source: 'WHM API 1, "Start AutoSSL check for one user"',
  acl: 'ssl',
  params: { username: userName({ doc: 'The account.', aliases: ['user'] }) },
  failures: ['account-not-found', 'autossl-off'],
  v0: 'none',
  audit: ({ username }) => username,
  async run(context, { username }) {
    const account = await loadAccount(context.stores, context.caller, username)
    return startCheck(context, account.userId)
  },
})

/** Undefined: of every account. WHM gives the number of the process that checks; here it is the server's own. */
export async function startCheck({ stores, services, onCommit }: WriteContext, userId: number | undefined) {
  const { isOn, areTermsAgreed } = services.autoSsl
  if (!isOn) throw new Failure('autossl-off', { why: 'the setting autossl is off' })
  if (!areTermsAgreed) throw new Failure('autossl-off', { why: 'the setting acme_terms_agreed is not “yes”' })
  await stores.autoSsl.wakeUp(userId)
  onCommit(() => services.autoSsl.wakeUp())
  return { data: { pid: process.pid } }
}
