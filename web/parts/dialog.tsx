import { Button, Group, Modal, TextInput } from '@mantine/core'
import { type ReactNode, useLayoutEffect, useState } from 'react'
import { words } from '../words.ts'

type DialogProps = {
  readonly title: string
  readonly onClose: () => void
  readonly size?: string
  readonly children: ReactNode
}

/** Keeps the focus inside and gives it back when it closes. Its head is no `header`: a page has one banner only. */
export function Dialog({ title, onClose, size = 'md', children }: DialogProps) {
  // While it is rendered for the first time the focus is still where it was opened from.
  const [opener] = useState(openerNow)
  useLayoutEffect(() => () => giveBack(opener), [opener])
  return (
    <Modal.Root opened onClose={onClose} size={size}>
      <Modal.Overlay />
      <Modal.Content>
        <div className="dialog-head">
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label={words.common.close} />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}

type Opener = { readonly element: Element | null; readonly menuButtonId: string | null }

function openerNow(): Opener {
  const element = document.activeElement
  const menu = element?.closest('[role="menu"]')
  return { element, menuButtonId: menu?.getAttribute('aria-labelledby') ?? null }
}

/** To what it was opened from, to the button of the menu that it was chosen in, or, where neither is left, to the page's name. */
function giveBack({ element, menuButtonId }: Opener): void {
  const opener = menuButtonId === null ? element : document.getElementById(menuButtonId)
  const isLeft = opener instanceof HTMLElement && opener.isConnected && opener !== document.body
  const next = isLeft ? opener : document.querySelector('h1')
  next?.focus({ preventScroll: !isLeft })
}

type ConfirmProps = {
  readonly title: string
  readonly confirm: string
  readonly isDangerous?: boolean
  /** What has to be typed before the button does anything, and the sentence that asks for it. */
  readonly typed?: { readonly word: string; readonly label: string }
  /** Buttons beside Cancel. */
  readonly instead?: ReactNode
  readonly onConfirm: () => Promise<unknown>
  readonly onClose: () => void
  readonly children: ReactNode
}

/** Asks before something is done; stays open with the reason when it could not be done. */
export function Confirm(props: ConfirmProps) {
  const { typed, onClose } = props
  const [text, setText] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string>()
  const carryOut = async (): Promise<void> => {
    if (typed !== undefined && text.trim() !== typed.word) {
      setProblem(words.common.typedWrong(typed.word))
      return
    }
    setBusy(true)
    try {
      await props.onConfirm()
      onClose()
    } catch (error) {
      setProblem(error instanceof Error ? error.message : words.errors.title)
      setBusy(false)
    }
  }
  return (
    <Dialog title={props.title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void carryOut()
        }}
      >
        {props.children}
        {typed !== undefined && (
          <TextInput
            mt="sm"
            label={typed.label}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            error={problem}
            data-autofocus
          />
        )}
        {typed === undefined && problem !== undefined && (
          <p role="alert" className="problem">
            {problem}
          </p>
        )}
        <Group justify="flex-end" mt="md" gap="xs" className="dialog-buttons">
          {props.instead}
          <Button variant="default" onClick={onClose}>
            {words.common.cancel}
          </Button>
          <Button type="submit" color={props.isDangerous === true ? 'red.8' : 'door'} loading={isBusy}>
            {props.confirm}
          </Button>
        </Group>
      </form>
    </Dialog>
  )
}
