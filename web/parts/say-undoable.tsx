import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { words } from '../words.ts'
import { sayDone, sayFailed } from './say.ts'

type Undoable = {
  readonly message: string
  readonly undo: () => Promise<unknown>
  /** Said when it was taken back. */
  readonly undone: string
}

/** As `sayDone`, with a button that takes it back; stays until it is dismissed, since nobody should have to hurry. */
export function sayUndoable({ message, undo, undone }: Undoable): void {
  const takeBack = async (id: string): Promise<void> => {
    notifications.hide(id)
    try {
      await undo()
      sayDone(undone)
    } catch (error) {
      sayFailed(error)
    }
  }
  const id: string = notifications.show({
    message: (
      <Group justify="space-between" gap="xs" wrap="nowrap">
        <span>{message}</span>
        <Button size="compact-sm" variant="default" onClick={() => void takeBack(id)}>
          {words.common.undo}
        </Button>
      </Group>
    ),
    color: 'teal',
    withBorder: true,
    autoClose: false,
    closeButtonProps: { 'aria-label': words.common.dismiss },
  })
}
