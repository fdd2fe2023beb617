import { Checkbox, PasswordInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { callConfirmed, callFunction } from '../api.ts'
import { Confirm } from '../parts/dialog.tsx'
import { sayDone } from '../parts/say.ts'
import { useWhoami } from '../queries.ts'
import { words } from '../words.ts'
import { type Account, refreshAccounts } from './account.ts'

type Props = { readonly account: Account; readonly onClose: () => void }

const { suspend, unsuspend, terminate, password } = words.accounts

export function SuspendDialog({ account: { user, suspendreason, suspended }, onClose }: Props) {
  const { kind } = useWhoami()
  const [reason, setReason] = useState(suspended === 1 ? suspendreason : '')
  const [isLocked, setLocked] = useState(false)
  return (
    <Confirm
      title={suspend.title(user)}
      confirm={suspend.confirm}
      isDangerous
      onClose={onClose}
      onConfirm={async () => {
        await callFunction('suspendacct', { user, reason, disallowun: isLocked ? 1 : undefined })
        await refreshAccounts()
        sayDone(suspend.done(user))
      }}
    >
      <p>{suspend.about}</p>
      <TextInput
        label={suspend.reason}
        description={suspend.reasonHint}
        value={reason}
        maxLength={2000}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
      {kind === 'root' && (
        <Checkbox
          mt="sm"
          label={suspend.lock}
          checked={isLocked}
          onChange={(event) => setLocked(event.currentTarget.checked)}
        />
      )}
    </Confirm>
  )
}

export function UnsuspendDialog({ account: { user }, onClose }: Props) {
  return (
    <Confirm
      title={unsuspend.title(user)}
      confirm={unsuspend.confirm}
      onClose={onClose}
      onConfirm={async () => {
        await callFunction('unsuspendacct', { user })
        await refreshAccounts()
        sayDone(unsuspend.done(user))
      }}
    >
      <p>{unsuspend.about}</p>
    </Confirm>
  )
}

type TerminateProps = Props & { readonly onDone?: () => void }

export function TerminateDialog({ account: { user }, onClose, onDone }: TerminateProps) {
  return (
    <Confirm
      title={terminate.title(user)}
      confirm={terminate.confirm}
      isDangerous
      typed={{ word: user, label: terminate.typed(user) }}
      onClose={onClose}
      onConfirm={async () => {
        await callFunction('removeacct', { username: user })
        onDone?.()
        await refreshAccounts()
        sayDone(terminate.done(user))
      }}
    >
      <p>{terminate.about}</p>
      <p>{terminate.owned}</p>
    </Confirm>
  )
}

export function PasswordDialog({ account: { user }, onClose }: Props) {
  const [text, setText] = useState('')
  return (
    <Confirm
      title={password.title(user)}
      confirm={password.confirm}
      onClose={onClose}
      onConfirm={async () => {
        await callConfirmed('passwd', { user, password: text })
        sayDone(password.done(user))
      }}
    >
      <p>{password.about}</p>
      <PasswordInput
        label={password.label}
        description={words.accounts.form.passwordHint}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        autoComplete="new-password"
        data-autofocus
      />
    </Confirm>
  )
}
