/** What AutoSSL works with. */
import type { Settings } from '../../config/schema.ts'
import type { Door } from '../../functions/door.ts'
import type { Storage } from '../../storage/database.ts'
import type { EventLog } from '../event-log.ts'

export type AutoSslParts = {
  readonly settings: Settings
  readonly door: Pick<Door, 'services' | 'stores' | 'write' | 'trail' | 'runHostTasks'>
  readonly storage: Pick<Storage, 'read' | 'write'>
  readonly log: EventLog
  readonly now: () => Date
}
