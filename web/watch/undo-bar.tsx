import { Button } from '@mantine/core'
import { useState } from 'react'
import { sayDone, sayFailed } from '../parts/say.ts'
import { type Done, undo } from '../tokens/act.ts'
import { words } from '../words.ts'

type Props = {
  readonly done: Done
  readonly said: string
  readonly undone: string
  readonly onUndone: () => Promise<unknown>
}

/** Stays on the page until the reader leaves it: what was done, and one button that takes it back. */
export function UndoBar({ done, said, undone, onUndone }: Props) {
  const [isBusy, setBusy] = useState(false)
  const takeBack = async (): Promise<void> => {
    setBusy(true)
    try {
      await undo(done)
      sayDone(undone)
      await onUndone()
    } catch (error) {
      sayFailed(error)
      setBusy(false)
    }
  }
  return (
    <div className="sheet undo-bar">
      <span role="status">{said}</span>
      <Button size="compact-sm" loading={isBusy} onClick={() => void takeBack()}>
        {words.common.undo}
      </Button>
    </div>
  )
}
