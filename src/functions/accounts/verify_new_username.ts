import { defineRead } from '../define.ts'
import { userName } from './forms.ts'
import { assertUsernameFree } from './free-names.ts'

export const verifyNewUsername = defineRead({
  name: 'verify_new_username',
  group: 'Accounts',
  summary: 'Say whether a new account could have this name now; the failure says why it could not.',
  source: 'WHM API 1, "Validate username"',
  acl: 'create-acct',
  params: { user: userName({ doc: 'The name.' }) },
  failures: ['username-invalid', 'username-reserved', 'username-taken'],
  v0: 'list',
  async run(context, { user }) {
    await assertUsernameFree(context, user)
    return { data: {} }
  },
})
