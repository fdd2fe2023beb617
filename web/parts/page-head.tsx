import { Title } from '@mantine/core'
import type { ReactNode } from 'react'

/** A page's name, with what can be done there at its right and at most a sentence below. */
export function PageHead(props: {
  readonly title: string
  readonly actions?: ReactNode
  readonly children?: ReactNode
}) {
  return (
    <div className="page-head">
      <div>
        <Title order={1} fz={22} tabIndex={-1}>
          {props.title}
        </Title>
        {props.children !== undefined && <p className="dim">{props.children}</p>}
      </div>
      {props.actions !== undefined && <div className="page-actions">{props.actions}</div>}
    </div>
  )
}
