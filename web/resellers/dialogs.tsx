import { NativeSelect, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useAccounts } from '../accounts/account.ts'
import { callFunction } from '../api.ts'
import { Confirm } from '../parts/dialog.tsx'
import { sayDone } from '../parts/say.ts'
import { navigate } from '../router.tsx'
import { words } from '../words.ts'
import { flagsOf, refreshLists, refreshResellers, useResellers } from './reseller.ts'

const text = words.resellers

export function MakeDialog({ onClose }: { readonly onClose: () => void }) {
  const resellers = useResellers()
  const others = useAccounts().filter(({ user }) => resellers.every((reseller) => reseller.user !== user))
  const [user, setUser] = useState(others[0]?.user ?? '')
  return (
    <Confirm
      title={text.makeTitle}
      confirm={text.makeConfirm}
      onClose={onClose}
      onConfirm={async () => {
        await callFunction('setupreseller', { user })
        await refreshResellers()
        sayDone(text.made(user))
        navigate(`/resellers?user=${encodeURIComponent(user)}`)
      }}
    >
      <p>{text.makeAbout}</p>
      <NativeSelect
        label={text.makeAccount}
        value={user}
        data={others.map((account) => ({ value: account.user, label: `${account.user} (${account.domain})` }))}
        onChange={(event) => setUser(event.currentTarget.value)}
      />
    </Confirm>
  )
}

type Props = { readonly user: string; readonly onClose: () => void }

export function UnmakeDialog({ user, onClose }: Props) {
  return (
    <Confirm
      title={text.unmakeTitle(user)}
      confirm={text.unmakeConfirm}
      isDangerous
      typed={{ word: user, label: text.unmakeTyped(user) }}
      onClose={onClose}
      onConfirm={async () => {
        await callFunction('unsetupreseller', { user })
        navigate('/resellers')
        await refreshResellers()
        sayDone(text.unmade(user))
      }}
    >
      <p>{text.unmakeAbout}</p>
    </Confirm>
  )
}

type SaveListProps = { readonly chosen: ReadonlySet<string>; readonly onClose: () => void }

export function SaveListDialog({ chosen, onClose }: SaveListProps) {
  const [name, setName] = useState('')
  return (
    <Confirm
      title={text.saveListTitle}
      confirm={text.saveList}
      onClose={onClose}
      onConfirm={async () => {
        if (name.trim() === '') throw new Error(text.listNameMissing)
        await callFunction('saveacllist', { acllist: name.trim(), ...flagsOf(chosen) })
        await refreshLists()
        sayDone(text.listSaved(name.trim()))
      }}
    >
      <p>{text.saveListAbout}</p>
      <TextInput
        label={text.listName}
        value={name}
        maxLength={100}
        autoComplete="off"
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
    </Confirm>
  )
}
