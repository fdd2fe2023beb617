import { Center, Loader } from '@mantine/core'
import { useEffect, useState } from 'react'
import { words } from '../words.ts'

const LONG_AFTER_MS = 4000

/** Says in words, and not only to a screen reader, when the server takes its time. */
export function Loading() {
  const [isLong, setLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_AFTER_MS)
    return () => clearTimeout(timer)
  }, [])
  return (
    <Center mih={160} role="status" className="loading">
      <Loader size="sm" aria-hidden="true" />
      <span className={isLong ? 'dim' : 'visually-hidden'}>
        {isLong ? words.shell.loadingLong : words.shell.loading}
      </span>
    </Center>
  )
}
