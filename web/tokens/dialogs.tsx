import { Button } from '@mantine/core'
import { useState } from 'react'
import { Confirm } from '../parts/dialog.tsx'
import { words } from '../words.ts'
import { pauseTokens, resumeTokens, revokeTokens, setExpiryOf } from './act.ts'
import { ExpiryField, type ExpiryValue, useExpiry } from './expiry-field.tsx'
import type { Privilege } from './privileges.ts'
import { functionsOpened, needsTypedName, reachText } from './reach.ts'
import { LastUse } from './table.tsx'
import type { Token } from './token.ts'

type Props = { readonly tokens: readonly Token[]; readonly onClose: () => void }

const { pause, revoke, expiry, list } = words.tokens

/** Names and last use of what is about to be changed. */
function Affected({
  tokens,
  privileges,
}: {
  readonly tokens: readonly Token[]
  readonly privileges?: readonly Privilege[]
}) {
  return (
    <ul className="affected">
      {tokens.map((token) => (
        <li key={token.id}>
          <strong>{token.name}</strong> <span className="dim">{token.owner}</span>
          <div className="note">
            {revoke.lastUsed}: <LastUse token={token} />
          </div>
          {privileges !== undefined && (
            <div className="note">
              {reachText(token, privileges)}.{' '}
              {token.lastUsedAt !== undefined && revoke.breaks(functionsOpened(token.privileges, privileges).length)}
            </div>
          )}
        </li>
      ))}
    </ul>
  )
}

export function PauseDialog({ tokens, onClose }: Props) {
  return (
    <Confirm
      title={pause.title(tokens.length)}
      confirm={list.pause}
      onConfirm={() => pauseTokens(tokens)}
      onClose={onClose}
    >
      <p>{pause.about}</p>
      <Affected tokens={tokens} />
    </Confirm>
  )
}

export function ResumeDialog({ tokens, onClose }: Props) {
  return (
    <Confirm
      title={pause.resumeTitle(tokens.length)}
      confirm={list.resume}
      onConfirm={() => resumeTokens(tokens)}
      onClose={onClose}
    >
      <p>{pause.resumeAbout}</p>
      <Affected tokens={tokens} />
    </Confirm>
  )
}

type RevokeProps = Props & { readonly privileges: readonly Privilege[]; readonly onPauseInstead: () => void }

/** The name has to be typed where somebody would notice the end at once. */
export function RevokeDialog({ tokens, privileges, onClose, onPauseInstead }: RevokeProps) {
  const now = Date.now() / 1000
  const noticed = tokens.find((token) => needsTypedName(token, now))
  return (
    <Confirm
      title={revoke.title(tokens.length)}
      confirm={revoke.confirm}
      isDangerous
      {...(noticed !== undefined && { typed: { word: noticed.name, label: revoke.typed(noticed.name) } })}
      instead={
        tokens.every(({ status }) => status !== 'paused') && (
          <Button variant="subtle" onClick={onPauseInstead}>
            {revoke.pauseInstead}
          </Button>
        )
      }
      onConfirm={() => revokeTokens(tokens)}
      onClose={onClose}
    >
      <p>{revoke.about}</p>
      <Affected tokens={tokens} privileges={privileges} />
    </Confirm>
  )
}

export function ExpiryDialog({ tokens, onClose }: Props) {
  const [value, setValue] = useState<ExpiryValue>({ kind: 'date', date: '', time: undefined })
  const resolved = useExpiry(value)
  return (
    <Confirm
      title={expiry.title}
      confirm={expiry.confirm}
      onClose={onClose}
      onConfirm={async () => {
        const { expiresAt, problem } = await resolved.settle()
        if (problem !== undefined) throw new Error(problem)
        await setExpiryOf(tokens, expiresAt ?? 0)
      }}
    >
      <ExpiryField value={value} onChange={setValue} resolved={resolved} />
      <Affected tokens={tokens} />
    </Confirm>
  )
}
