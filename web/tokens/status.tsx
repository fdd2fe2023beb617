import { words } from '../words.ts'
import type { TokenStatus } from './token.ts'

/** A shape of its own for each state, so that neither colour nor sight is needed to tell them apart. */
const SHAPES: Readonly<Record<TokenStatus, string>> = {
  active: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zm3.1 4.2-4 4.2-2-2-1 1 3 3 5-5.2z',
  'expires-soon': 'M8 1.2 15.4 14H.6zm-.8 4.6v4h1.6v-4zm0 5v1.6h1.6v-1.6z',
  expired:
    'M5 1h6l4 4v6l-4 4H5l-4-4V5zm.6 3.4L4.4 5.6 6.8 8l-2.4 2.4 1.2 1.2L8 9.2l2.4 2.4 1.2-1.2L9.2 8l2.4-2.4-1.2-1.2L8 6.8z',
  revoked:
    'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zm0 1.7a4.8 4.8 0 0 0-3.9 7.6l6.7-6.7A4.8 4.8 0 0 0 8 3.2zm3.9 2-6.7 6.7a4.8 4.8 0 0 0 6.7-6.7z',
  paused: 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM5.8 5v6h1.5V5zm2.9 0v6h1.5V5z',
}

/** The state of a token: a mark and a word. */
export function Status({ status }: { readonly status: TokenStatus }) {
  return (
    <span className="status" data-status={status}>
      <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
        <path fill="currentColor" fillRule="evenodd" d={SHAPES[status]} />
      </svg>
      {words.tokens.status[status]}
    </span>
  )
}
