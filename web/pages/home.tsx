import { PageHead } from '../parts/page-head.tsx'
import { words } from '../words.ts'

export function HomePage() {
  return <PageHead title={words.home.title} />
}
