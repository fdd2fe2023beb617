/** Runs in a thread of its own: compares each table with its indexes, and reports the first thing wrong, or nothing. */
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

function firstProblem(path: string): string | undefined {
  const database = new DatabaseSync(path, { readOnly: true, timeout: 1000 })
  try {
    for (const { name } of database.prepare("select name from sqlite_schema where type = 'table'").all()) {
      const quoted = `'${String(name).replaceAll("'", "''")}'`
      const result = database.prepare(`pragma integrity_check(${quoted})`).get()?.integrity_check
      if (result !== 'ok') return String(result)
    }
    return undefined
  } finally {
    database.close()
  }
}

parentPort?.postMessage({ problem: firstProblem(String(workerData)) })
