import { PasswordInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ApiError, askToSignInWith, type SignInAnswer, signIn } from '../api.ts'
import { queryClient, useWhoami, whoamiQuery } from '../queries.ts'
import { moveToSession } from '../router.tsx'
import { words } from '../words.ts'
import { Confirm } from './dialog.tsx'
import { type Asked, useAsked } from './use-asked.ts'

const text = words.signInAgain

const givenUp = (): Error => new ApiError('session-ended', words.errors.sessionEnded)

/** When the session has ended: a new one, while what was typed on the page stays as it is. */
export function SignInAgain() {
  const asked = useAsked(askToSignInWith, givenUp)
  return asked && <SignIn {...asked} />
}

function SignIn({ done, close }: Asked) {
  const { user } = useWhoami()
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  /** Set once the password was right and a second factor is wanted. */
  const [ticket, setTicket] = useState<string>()
  const carryOut = async (): Promise<void> => {
    const answer = await signIn(ticket === undefined ? { user, pass: password } : { ticket, tfa_token: code })
    if (answer.security_token === undefined) {
      if (answer.ticket !== undefined) setTicket(answer.ticket)
      throw new Error(refusalOf(answer))
    }
    moveToSession(answer.security_token)
    // What the reader may do can have changed meanwhile.
    void queryClient.invalidateQueries({ queryKey: whoamiQuery.queryKey })
    done()
  }
  return (
    <Confirm title={words.errors.sessionEnded} confirm={text.confirm} onClose={close} onConfirm={carryOut}>
      <p>{text.about(user)}</p>
      {ticket === undefined ? (
        <PasswordInput
          label={words.password.label}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          data-autofocus
        />
      ) : (
        <TextInput
          label={text.code}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
        />
      )}
    </Confirm>
  )
}

function refusalOf({ reason, message }: SignInAnswer): string {
  if (reason === 'invalid_login') return text.wrong
  if (reason === 'tfa_required') return text.codeNeeded
  return message ?? words.errors.title
}
