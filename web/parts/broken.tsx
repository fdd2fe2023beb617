import { Alert, Button } from '@mantine/core'
import { QueryErrorResetBoundary } from '@tanstack/react-query'
import { Component, type ReactNode } from 'react'
import { ApiError } from '../api.ts'
import { words } from '../words.ts'

type Props = { readonly children: ReactNode; readonly reset?: () => void }

/** Shows what went wrong in place of what is inside: a failed call with the server's reason, a session that ended, or a bug. */
class Boundary extends Component<Props, { readonly error: unknown }> {
  override state: { readonly error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown): { readonly error: unknown } {
    return { error }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    const again = (): void => {
      this.props.reset?.()
      this.setState({ error: undefined })
    }
    return <Trouble error={error} again={again} />
  }
}

export function Broken({ children }: { readonly children: ReactNode }) {
  return (
    <QueryErrorResetBoundary>{({ reset }) => <Boundary reset={reset}>{children}</Boundary>}</QueryErrorResetBoundary>
  )
}

/** The page's own code did not come: the server is away, or has newer pages than this one. */
export class PageNotLoaded extends Error {}

/** A failure where the answer would stand. */
export function Trouble({ error, again }: { readonly error: unknown; readonly again: () => void }) {
  const { errors, shell } = words
  if (error instanceof ApiError && error.kind === 'session-ended') return <SessionEnded />
  if (error instanceof ApiError) {
    return (
      <Alert role="alert" color="red" variant="light" title={errors.title} m="md">
        <p>{error.message}</p>
        <Button size="xs" variant="default" onClick={again}>
          {shell.retry}
        </Button>
      </Alert>
    )
  }
  const isNotLoaded = error instanceof PageNotLoaded
  return (
    <Alert role="alert" color="red" variant="light" title={isNotLoaded ? errors.notLoaded : errors.broken} m="md">
      <p>{isNotLoaded ? errors.notLoadedLong : errors.brokenLong}</p>
      <Button size="xs" variant="default" onClick={() => window.location.reload()}>
        {errors.reload}
      </Button>
    </Alert>
  )
}

/** The server shows its sign-in page at the address that is shown, and comes back to it. */
function SessionEnded() {
  const { errors } = words
  return (
    <Alert role="alert" color="door" variant="light" title={errors.sessionEnded} m="md">
      <p>{errors.sessionEndedLong}</p>
      <Button size="xs" onClick={() => window.location.reload()}>
        {errors.signInAgain}
      </Button>
    </Alert>
  )
}
