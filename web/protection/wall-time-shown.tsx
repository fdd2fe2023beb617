import { Moment } from '../parts/moment.tsx'
import { useWhoami } from '../queries.ts'
import { secondsOfWallTime } from './wall-time.ts'

/** A moment as WHM's functions tell it, shown like every other one. */
export function WallTime({ text }: { readonly text: string }) {
  const { server } = useWhoami()
  const at = secondsOfWallTime(text, server.timezone)
  return at === undefined ? text : <Moment at={at} withTime />
}
