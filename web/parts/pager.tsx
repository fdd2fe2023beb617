import { Button } from '@mantine/core'
import { words } from '../words.ts'

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
  return (
    <nav aria-label={label} className="pager">
      <Button size="xs" variant="default" disabled={page === 0} onClick={() => onPage(page - 1)}>
        {list.previous}
      </Button>
      <span role="status">{list.pageOf(page + 1, pages)}</span>
      <Button size="xs" variant="default" disabled={page === pages - 1} onClick={() => onPage(page + 1)}>
        {list.next}
      </Button>
    </nav>
  )
}
