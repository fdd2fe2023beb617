/** "Done" is said after the disk has it: seen in the system calls of the real program. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { done } from '../start-server.ts'
import { makePlace, startProgram } from './program.ts'

const CHANGES = 100
const strace = '/usr/bin/strace'

test(`N2: before each of ${CHANGES} replies to a change the log of the database was synced`, {
  skip: !existsSync(strace) && 'strace is not installed',
}, async () => {
  const place = await makePlace()
  const trace = join(place.base, 'trace')
  const calls = 'openat,accept4,fdatasync,fsync,pwrite64,write,writev,sendto,sendmsg'
  const server = await startProgram(place.flags, {
    command: [strace, '-f', '-y', '--seccomp-bpf', '-e', `trace=${calls}`, '-s', '0', '-o', trace],
  })
  try {
    const manager = await server.rootToken('manager', ['all'])
    // The changes come one after the other on a connection of their own, so that each write to it is a reply.
    for (let n = 0; n < CHANGES; n++) {
      const name = `t${n}`
      done(await server.call(manager, 'api_token_create', { token_name: name, acl: 'list-accts' }))
      // Marks the end of each reply in the trace: a call that changes nothing, and so needs no sync.
      assert.equal((await server.call(manager, 'gethostname')).status, 200)
    }
  } finally {
    // To the server itself; the end of strace follows.
    process.kill(Number(await readFile(join(place.data, 'instance.pid'), 'utf8')), 'SIGTERM')
    await server.ended
    server.agent.destroy()
  }
  const events = (await readFile(trace, 'utf8')).split('\n').flatMap((line) => {
    // With -y each descriptor shows what it is: `fdatasync(21</…/postern.db-wal>) = 0`, `write(24<socket:[…]>, …`.
    if (/fdatasync\(\d+<[^>]*\/postern\.db-wal>\)? /.test(line) || /fsync\(\d+<[^>]*postern\.db-wal>/.test(line))
      return ['sync']
    if (/(write|writev|sendto|sendmsg)\(\d+<(TCP|socket)[^>]*/.test(line)) return ['reply']
    return []
  })
  // The last replies of all: two for each round, of which the first one is the change's.
  let replies = 0
  let synced = 0
  let needlessly = 0
  let isSynced = false
  const wanted = CHANGES * 2
  for (const event of events.slice(indexOfReply(events, wanted))) {
    if (event === 'sync') {
      isSynced = true
      continue
    }
    if (isSynced && replies % 2 === 0) synced += 1
    if (isSynced && replies % 2 === 1) needlessly += 1
    replies += 1
    isSynced = false
  }
  await place.remove()
  console.log(`${synced} of ${CHANGES} replies to changes came after a sync, and ${needlessly} of the others`)
  assert.equal(synced, CHANGES)
  // Else the trace would not tell the one from the other.
  assert.ok(needlessly < CHANGES / 2)
})

/** The place right after the reply that is followed by `last` others. */
function indexOfReply(events: readonly string[], last: number): number {
  let left = last
  for (let i = events.length - 1; i >= 0; i--) {
    if (events[i] !== 'reply') continue
    if (left === 0) return i + 1
    left -= 1
  }
  throw new Error(`the trace shows only ${last - left} replies`)
}
