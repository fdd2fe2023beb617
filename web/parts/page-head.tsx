import { Title } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { useVisit } from '../router.tsx'
import { words } from '../words.ts'

/** The visit that has had its heading; the first page is read from its top as any other document is, and takes no focus. */
let headed: number | undefined

/** A page's name, with what can be done there at its right and at most a sentence below. Names the window, and takes the focus. */
export function PageHead(props: {
  readonly title: string
  readonly actions?: ReactNode
  readonly children?: ReactNode
}) {
  const { title } = props
  const heading = useRef<HTMLHeadingElement>(null)
  const visit = useVisit()
  useEffect(() => {
    document.title = words.shell.titleOf(title)
  }, [title])
  // As soon as there is a heading: some pages have none before their answer is there, and some have several, one after the other.
  useEffect(() => {
    const isFirst = headed === undefined && visit.number === 0
    const isBegun = headed === visit.number
    headed = visit.number
    if (!isFirst) heading.current?.focus({ preventScroll: true })
    window.scrollTo(0, isBegun ? 0 : visit.top)
  }, [visit])
  return (
    <div className="page-head">
      <div>
        <Title ref={heading} order={1} fz={22} tabIndex={-1}>
          {title}
        </Title>
        {props.children !== undefined && <p className="dim">{props.children}</p>}
      </div>
      {props.actions !== undefined && <div className="page-actions">{props.actions}</div>}
    </div>
  )
}
