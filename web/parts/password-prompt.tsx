import { PasswordInput } from '@mantine/core'
import { useState } from 'react'
import { ApiError, askPasswordWith, callFunction } from '../api.ts'
import { words } from '../words.ts'
import { Confirm } from './dialog.tsx'
import { type Asked, useAsked } from './use-asked.ts'

const cancelled = (): Error => new ApiError('failed', words.password.cancelled)

/** Asks for the password anew while what was typed on the page stays as it is. */
export function PasswordPrompt() {
  const asked = useAsked(askPasswordWith, cancelled)
  return asked && <Prompt {...asked} />
}

function Prompt({ done, close }: Asked) {
  const [password, setPassword] = useState('')
  return (
    <Confirm
      title={words.password.title}
      confirm={words.password.confirm}
      onClose={close}
      onConfirm={async () => {
        await callFunction('postern_confirm_password', { password })
        done()
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
