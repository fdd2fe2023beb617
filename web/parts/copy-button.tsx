import { Button } from '@mantine/core'
import { type RefObject, useEffect, useState } from 'react'
import { words } from '../words.ts'

const SHOWN_MS = 6000

type Props = {
  /** What is copied is in this field; where the browser does not let us copy, it is selected instead. */
  readonly field?: RefObject<HTMLInputElement | null>
  readonly text: string
  readonly label: string
  /** What is announced; never what was copied. */
  readonly announce: string
  readonly isSmall?: boolean
}

/** Copies, says so in a word for a while, and announces it without the text. */
export function CopyButton({ field, text, label, announce, isSmall = false }: Props) {
  const [state, setState] = useState<'ready' | 'copied' | 'selected'>('ready')
  useEffect(() => {
    if (state === 'ready') return
    const timer = setTimeout(() => setState('ready'), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [state])
  const copy = async (): Promise<void> => {
    field?.current?.select()
    try {
      await navigator.clipboard.writeText(text)
      setState('copied')
    } catch {
      setState('selected')
    }
  }
  const { reveal } = words.tokens
  const shown = { ready: label, copied: reveal.copied, selected: reveal.copyByHand }[state]
  return (
    <>
      <Button size={isSmall ? 'compact-sm' : 'sm'} variant={isSmall ? 'default' : 'filled'} onClick={() => void copy()}>
        {shown}
      </Button>
      <span className="visually-hidden" role="status">
        {state === 'copied' ? announce : state === 'selected' ? reveal.copyByHand : ''}
      </span>
    </>
  )
}
