import { PageHead } from '../parts/page-head.tsx'
import { words } from '../words.ts'

export function TokensPage() {
  return <PageHead title={words.tokens.title} />
}
