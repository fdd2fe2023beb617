import { Center, Loader } from '@mantine/core'
import { words } from '../words.ts'

export function Loading() {
  return (
    <Center mih={160} role="status">
      <Loader size="sm" aria-hidden="true" />
      <span className="visually-hidden">{words.shell.loading}</span>
    </Center>
  )
}
