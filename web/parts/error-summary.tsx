import { Alert } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { words } from '../words.ts'

export type FieldProblem = { readonly fieldId: string; readonly field: string; readonly text: string }

/** What has to be corrected, at the top of a form, each with a link to its field; takes the focus whenever it is shown anew. */
export function ErrorSummary({
  problems,
  shownAt,
}: {
  readonly problems: readonly FieldProblem[]
  readonly shownAt: number
}) {
  const box = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt that failed takes the focus, also with the same problems
  useEffect(() => box.current?.focus(), [shownAt])
  return (
    <Alert
      ref={box}
      tabIndex={-1}
      role="alert"
      color="red"
      variant="light"
      mb="md"
      className="summary"
      title={words.tokens.form.problems(problems.length)}
    >
      <ul>
        {problems.map(({ fieldId, field, text }) => (
          <li key={fieldId + text}>
            <a
              href={`#${fieldId}`}
              onClick={(event) => {
                event.preventDefault()
                document.getElementById(fieldId)?.focus()
              }}
            >
              {field === '' ? text : words.common.toField(field) + text}
            </a>
          </li>
        ))}
      </ul>
    </Alert>
  )
}
