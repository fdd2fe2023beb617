import { Radio } from '@mantine/core'
import { useState } from 'react'
import { callConfirmed } from '../api.ts'
import { Confirm } from '../parts/dialog.tsx'
import { words } from '../words.ts'
import { refreshTokens } from './act.ts'
import type { Revealed } from './reveal.tsx'
import type { Token } from './token.ts'

type Overlap = keyof typeof words.tokens.rotate.overlaps
type Props = { readonly token: Token; readonly onRevealed: (made: Revealed) => void; readonly onClose: () => void }

/** A new secret for the same token, and how long the one of now goes on working. */
export function RotateDialog({ token, onRevealed, onClose }: Props) {
  const { rotate } = words.tokens
  const [overlap, setOverlap] = useState<Overlap>('86400')
  // With a key of its own the call may be repeated when its answer is lost.
  const [key] = useState(() => crypto.randomUUID())
  const make = async (): Promise<void> => {
    const { data, warnings } = await callConfirmed<{ readonly token: string }>('postern_token_rotate', {
      token_id: token.id,
      overlap,
      key,
    })
    onRevealed({ name: token.name, user: token.owner, secret: data.token, isRotated: true, warnings })
    await refreshTokens()
  }
  return (
    <Confirm title={rotate.title(token.name)} confirm={rotate.confirm} onConfirm={make} onClose={onClose}>
      <p>{rotate.about}</p>
      <Radio.Group label={rotate.overlap} value={overlap} onChange={(value) => setOverlap(value as Overlap)}>
        {Object.entries(rotate.overlaps).map(([value, label]) => (
          <Radio key={value} value={value} label={label} mt="xs" />
        ))}
      </Radio.Group>
    </Confirm>
  )
}
