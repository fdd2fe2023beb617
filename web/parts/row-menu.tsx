import { Menu, UnstyledButton } from '@mantine/core'
import { type ReactNode, useId, useRef, useState } from 'react'

type Props = {
  /** Names the button: what more there is to do, and to which row. */
  readonly label: string
  /** The items; asked for when the menu opens. */
  readonly children: () => ReactNode
}

/** The menu of a row, made when it is asked for: fifty of them would cost each key in the search field more than all else. */
export function RowMenu({ label, children }: Props) {
  const [isOpen, setOpen] = useState(false)
  const id = useId()
  const button = useRef<HTMLButtonElement>(null)
  if (!isOpen) {
    return (
      <button
        ref={button}
        // The one that the open menu gives its button.
        id={id}
        type="button"
        className="row-button"
        aria-label={label}
        aria-haspopup="menu"
        onClick={() => setOpen(true)}
      >
        <span aria-hidden="true">⋯</span>
      </button>
    )
  }
  const close = (): void => {
    setOpen(false)
    // The plain button takes the menu's place again, and the focus with it.
    requestAnimationFrame(() => button.current?.focus())
  }
  return (
    <Menu id={id} position="bottom-end" opened onClose={close}>
      <Menu.Target>
        <UnstyledButton className="row-button" aria-label={label}>
          <span aria-hidden="true">⋯</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>{children()}</Menu.Dropdown>
    </Menu>
  )
}
