/**
 * Normal calls, one after the other every 20 ms, in a process of their own: `node test/machine/caller.ts` with POSTERN_URL and
 * POSTERN_CREDENTIAL. On SIGTERM it prints their times in milliseconds as JSON. Fails when one was not answered.
 */
import { done, sendTo } from '../start-server.ts'

const { POSTERN_URL: url = '', POSTERN_CREDENTIAL: credential = '' } = process.env
const timesMs: number[] = []
let isEnding = false
process.once('SIGTERM', () => {
  isEnding = true
})
while (!isEnding) {
  const startedMs = performance.now()
  done(await sendTo(url, '/json-api/version?api.version=1', { headers: { authorization: `whm ${credential}` } }))
  timesMs.push(performance.now() - startedMs)
  await new Promise((resolve) => setTimeout(resolve, 20))
}
process.stdout.write(JSON.stringify(timesMs))
