/** DNS zones: the text of each is what the host writes as a file. */
import { type Kysely, sql } from 'kysely'

/** Texts compare byte by byte on both databases, so that lists come in the same order. */
const words = {
  sqlite: { int: 'integer', text: 'text', end: ' strict' },
  postgres: { int: 'bigint', text: 'text collate "C"', end: '' },
} as const

const statements = ({ int, text, end }: (typeof words)['sqlite' | 'postgres']): readonly string[] => [
  `create table zones (
    name ${text} primary key,
    user_id ${int} references users (id),
    serial ${int} not null,
    text ${text} not null,
    changed_at ${int} not null
  )${end}`,
  'create index zones_user on zones (user_id)',
]

/** Adds the table in the words of the given database. */
export async function zones(db: Kysely<unknown>, kind: 'sqlite' | 'postgres'): Promise<void> {
  for (const statement of statements(words[kind])) await sql.raw(statement).execute(db)
}
