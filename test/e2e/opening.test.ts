/** How a page comes: what it is made from is asked for at once, and what cannot be had is told in its place. */
import { after, before, test } from 'node:test'
import { openWorld, signIn, type World } from './browser.ts'

let world: World

before(async () => {
  world = await openWorld()
})
after(() => world.close())

const WHAT_HOME_READS = ['postern_token_list', 'postern_activity', 'postern_alert_list', 'postern_audit_list']

test('the first page asks for all that it is made from together, and not for one after the other', () =>
  world.journey('together', async (page) => {
    await signIn(page)
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
    // None is answered before all of them were asked for.
    const asked = new Set<string>()
    const all = Promise.withResolvers<void>()
    await page.route('**/json-api/*', async (route) => {
      const name = new URL(route.request().url()).pathname.replace(/.*\//, '')
      asked.add(name)
      if (WHAT_HOME_READS.every((read) => asked.has(read))) all.resolve()
      if (WHAT_HOME_READS.includes(name)) await all.promise
      await route.continue()
    })
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
  }))

test('what a page cannot read is told on it with a way to try again, and the rest of the frame stays', () =>
  world.journey('unreadable', async (page, watch) => {
    watch.expect(/500/)
    await signIn(page)
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
    await page.route('**/json-api/postern_session_list', (route) =>
      route.fulfill({ status: 500, body: 'out of order' }),
    )
    await page.getByRole('link', { name: 'Browser Sessions' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByRole('link', { name: 'Home' }).waitFor()
    await page.unroute('**/json-api/postern_session_list')
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('heading', { level: 1, name: 'Browser Sessions' }).waitFor()
  }))
