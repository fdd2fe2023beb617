import { notifications } from '@mantine/notifications'
import { words } from '../words.ts'

/** Says at the upper right that something was done; it is announced, and stays long enough to be read. */
export function sayDone(message: string): void {
  notifications.show({
    message,
    color: 'teal',
    withBorder: true,
    closeButtonProps: { 'aria-label': words.common.dismiss },
  })
}

/** Says why something was not done, until it is dismissed. */
export function sayFailed(error: unknown): void {
  notifications.show({
    title: words.errors.title,
    message: error instanceof Error ? error.message : words.errors.broken,
    color: 'red',
    withBorder: true,
    autoClose: false,
    role: 'alert',
    closeButtonProps: { 'aria-label': words.common.dismiss },
  })
}
