import { Button } from '@mantine/core'
import { setQuery, useQueryText } from '../router.tsx'
import { words } from '../words.ts'

/** The page that the address asks for, the first being 0, and how to go to another; the first one stands in no address. */
export function usePageNumber(): readonly [page: number, setPage: (page: number) => void] {
  const asked = Number(new URLSearchParams(useQueryText()).get('page'))
  const page = Number.isSafeInteger(asked) && asked > 1 ? asked - 1 : 0
  return [
    page,
    (next) => {
      if (next !== page) setQuery({ page: next === 0 ? undefined : String(next + 1) })
    },
  ]
}

type Props = {
  readonly label: string
  readonly page: number
  readonly pages: number
  readonly onPage: (page: number) => void
}

/** Steps through the pages of a list, the first being 0; nothing where there is one alone. */
export function Pager({ label, page, pages, onPage }: Props) {
  const { list } = words.tokens
  if (pages <= 1) return null
  const goTo = (next: number): void => {
    onPage(next)
    window.scrollTo(0, 0)
  }
  return (
    <nav aria-label={label} className="pager">
      <Step label={list.previous} isAtEnd={page === 0} onStep={() => goTo(page - 1)} />
      <span role="status">{list.pageOf(page + 1, pages)}</span>
      <Step label={list.next} isAtEnd={page === pages - 1} onStep={() => goTo(page + 1)} />
    </nav>
  )
}

type StepProps = { readonly label: string; readonly isAtEnd: boolean; readonly onStep: () => void }

/** At the end it does nothing and says so, but keeps the focus, which a disabled button would lose. */
function Step({ label, isAtEnd, onStep }: StepProps) {
  return (
    <Button
      size="xs"
      variant="default"
      aria-disabled={isAtEnd}
      {...(isAtEnd && { 'data-disabled': true })}
      onClick={() => {
        if (!isAtEnd) onStep()
      }}
    >
      {label}
    </Button>
  )
}
