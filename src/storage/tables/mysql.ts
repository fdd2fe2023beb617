/** What hosting accounts have on the database server. See `../schema.ts`. */

export type MysqlDatabaseTable = { name: string; user_id: number; created_at: number }

export type MysqlUserTable = {
  name: string
  user_id: number
  /** What the server is to check the password against, sealed, until the server has it; then NULL. */
  sealed_hash: string | null
  created_at: number
}

export type MysqlGrantTable = {
  database_name: string
  user_name: string
  /** JSON array of MYSQL_PRIVILEGES, never empty. */
  privileges: string
}
