import { PasswordInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { ApiError, askPasswordWith, callFunction } from '../api.ts'
import { words } from '../words.ts'
import { Confirm } from './dialog.tsx'

type Waiting = { readonly proved: () => void; readonly givenUp: () => void }

/** Asks for the password anew while what was typed on the page stays as it is. */
export function PasswordPrompt() {
  const [waiting, setWaiting] = useState<Waiting>()
  const [password, setPassword] = useState('')
  useEffect(() => {
    askPasswordWith(
      () =>
        new Promise((proved, refuse) => {
          setPassword('')
          setWaiting({ proved, givenUp: () => refuse(new ApiError('failed', words.password.cancelled)) })
        }),
    )
    return () => askPasswordWith(undefined)
  }, [])
  if (waiting === undefined) return null
  const close = (): void => {
    // After a proof this is nothing: the promise has settled.
    waiting.givenUp()
    setWaiting(undefined)
  }
  return (
    <Confirm
      title={words.password.title}
      confirm={words.password.confirm}
      onClose={close}
      onConfirm={async () => {
        await callFunction('postern_confirm_password', { password })
        waiting.proved()
      }}
    >
      <p>{words.password.about}</p>
      <PasswordInput
        label={words.password.label}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="current-password"
        data-autofocus
      />
    </Confirm>
  )
}
