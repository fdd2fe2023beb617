/** Watching tokens and answering an incident through the pages: what a token did, housekeeping with undo, freeze and thaw, revoke since. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { done } from '../start-server.ts'
import { assertAccessible, assertFits, openWorld, pictureForDocuments, signIn, type World } from './browser.ts'

let world: World
const HOUR_MS = 3_600_000
/** The browser asks for it by itself; the sign-in page has none. */
const FAVICON = /401 .*favicon\.ico/

before(async () => {
  world = await openWorld()
})
after(() => world.close())

const isAccepted = async (credential: string): Promise<boolean> =>
  (await world.server.call(credential, 'version')).status === 200

/** Goes to a page of the program, by its path. */
async function open(page: Page, path: string): Promise<void> {
  await page.goto(new URL(page.url()).pathname.replace(/^(\/cpsess\d+).*/, `$1${path}`))
}

/** A token of root that was used, and one that holds everything and was not. */
async function tokens(): Promise<{ readonly used: string; readonly usedId: string; readonly wide: string }> {
  const { server } = world
  done(await server.root('postern_token_revoke_all'))
  const used = await server.rootToken(['basic-whm-functions', 'list-accts', 'kill-acct'], { token_name: 'billing' })
  const wide = await server.rootToken(['all'], { token_name: 'old-script' })
  for (let n = 0; n < 5; n += 1) done(await server.call(used, 'version'))
  done(await server.call(used, 'listaccts'))
  await server.call(used, 'createacct')
  await server.server.runtime.flushUsage()
  const listed = done(await server.root('api_token_list')).json.data.tokens
  return { used, usedId: listed.billing.postern_id, wide }
}

test('ui 32, 34: a row opens what the token did, what it does not use, and who still has the old secret', async () => {
  const { used, usedId } = await tokens()
  const { token: newSecret } = done(await world.server.root('postern_token_rotate', { token_id: usedId })).json.data
  await world.journey('what a token did', async (page, watch) => {
    watch.expect(FAVICON)
    await signIn(page)
    await open(page, '/tokens')
    await page.getByRole('link', { name: 'billing', exact: true }).click()
    await page.getByRole('heading', { name: 'What billing did' }).waitFor()
    const functions = page.getByRole('table', { name: 'Functions' })
    await functions.getByRole('row', { name: /^version 5/ }).waitFor()
    await functions.getByRole('row', { name: /^listaccts 1/ }).waitFor()
    await page
      .getByRole('table', { name: 'Refusals' })
      .getByRole('row', { name: /^a privilege is missing 1/ })
      .waitFor()
    await page
      .getByRole('table', { name: 'Addresses' })
      .getByRole('row', { name: /^127\.0\.0\.1 7/ })
      .waitFor()
    await page.getByText('1 of 3 privileges unused for 90 days').waitFor()
    await page.getByRole('img', { name: '7 calls and 1 refusal in the last 30 days' }).waitFor()
    await page.getByText('Nobody has used it yet.').waitFor()
    assert.equal(await isAccepted(`root:${newSecret}`), true)
    assert.equal(await isAccepted(used), true)
    await world.server.server.runtime.flushUsage()
    await page.reload()
    await page.getByText('Secret 2, the newest').waitFor()
    assert.equal(await page.getByText('Last seen:').count(), 2)
    await assertAccessible(page)
    await pictureForDocuments(page, 'token-usage')
  })
  await world.journey(
    'what a token did, narrow',
    async (page, watch) => {
      watch.expect(FAVICON)
      await signIn(page)
      await open(page, `/tokens/usage?id=${usedId}`)
      await page.getByRole('heading', { name: 'What billing did' }).waitFor()
      await assertFits(page)
      await pictureForDocuments(page, 'token-usage-narrow')
    },
    { viewport: 'narrow', colorScheme: 'dark' },
  )
})

test('ui 35: a revoke in the list is taken back in one step, and so is one from the page of the token', async () => {
  const { used, usedId } = await tokens()
  await world.journey('undo a revoke', async (page, watch) => {
    watch.expect(FAVICON)
    await signIn(page)
    await open(page, '/tokens')
    await page.getByRole('button', { name: 'More for billing' }).click()
    await page.getByRole('menuitem', { name: 'Revoke…' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('billing')
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click()
    await page.getByText('Revoked: billing').waitFor()
    assert.equal(await isAccepted(used), false)
    await page.getByRole('button', { name: 'Undo', exact: true }).click()
    await page.getByText('1 token works as before.').waitFor()
    assert.equal(await isAccepted(used), true)
    done(await world.server.root('postern_token_revoke', { token_id: usedId }))
    await open(page, `/tokens/usage?id=${usedId}`)
    await page.getByText('Revoked (revoked)').waitFor()
    await page.getByRole('button', { name: 'Undo the revoke' }).click()
    await page.getByText('billing works as before.').waitFor()
    assert.equal(await isAccepted(used), true)
  })
})

test('housekeeping: what is found is paused or revoked in one step, and brought back in one', async () => {
  const { wide } = await tokens()
  await world.journey('housekeeping', async (page, watch) => {
    watch.expect(FAVICON)
    await signIn(page)
    await open(page, '/housekeeping')
    const everything = page.getByRole('group', { name: /^Holds everything/ })
    await everything.waitFor()
    await assertAccessible(page)
    await pictureForDocuments(page, 'housekeeping')
    for (const act of ['Pause', 'Revoke'] as const) {
      await everything.getByRole('checkbox', { name: 'Choose old-script' }).check()
      await page.getByRole('button', { name: `${act} chosen` }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('old-script').waitFor()
      await dialog.getByRole('button', { name: `${act} chosen` }).click()
      await page.getByText(act === 'Pause' ? '1 token is paused.' : '1 token is revoked.').waitFor()
      assert.equal(await isAccepted(wide), false)
      await page.getByRole('button', { name: 'Undo' }).click()
      await page.getByText('1 token works as before.').first().waitFor()
      assert.equal(await isAccepted(wide), true)
    }
  })
  await world.journey(
    'housekeeping, narrow',
    async (page, watch) => {
      watch.expect(FAVICON)
      await signIn(page)
      await open(page, '/housekeeping')
      await page.getByRole('group', { name: /^Holds everything/ }).waitFor()
      await assertFits(page)
    },
    { viewport: 'narrow', colorScheme: 'dark' },
  )
})

test('ui 36: freeze everybody but one token, thaw, and end what was made since a moment, with undo', async () => {
  const { used, usedId, wide } = await tokens()
  await world.journey(
    'an incident',
    async (page, watch) => {
      watch.expect(FAVICON)
      await signIn(page)
      await open(page, '/incident')
      const freeze = page.getByRole('form', { name: 'Freeze' })
      await freeze.getByRole('button', { name: 'Freeze now' }).click()
      await page.getByText('Give a reason.').waitFor()
      await assertAccessible(page)
      await freeze.getByLabel('Tokens that go on').fill(usedId)
      await freeze.getByLabel('Reason').fill('a break-in')
      await freeze.getByRole('button', { name: 'Freeze now' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('root: old-script').waitFor()
      await dialog.getByRole('button', { name: 'Freeze now' }).click()
      await page.getByText('a break-in').waitFor()
      assert.deepEqual([await isAccepted(used), await isAccepted(wide)], [true, false])
      await pictureForDocuments(page, 'incident')
      await page.getByRole('button', { name: 'Thaw' }).click()
      await page.getByText('Nothing is frozen.').waitFor()
      assert.equal(await isAccepted(wide), true)

      const since = page.getByRole('form', { name: 'Revoke everything made since' })
      await since.getByLabel('Since').fill(localMoment(Date.now() - HOUR_MS))
      await since.getByRole('button', { name: 'See what would end' }).click()
      await dialog.getByText('root: billing').waitFor()
      assert.equal(await isAccepted(used), true)
      await dialog.getByRole('button', { name: 'Revoke them' }).click()
      await page.getByText(/tokens are revoked/).waitFor()
      assert.deepEqual([await isAccepted(used), await isAccepted(wide)], [false, false])
      await page.getByRole('button', { name: 'Undo' }).click()
      await page.getByText(/tokens work as before/).waitFor()
      assert.deepEqual([await isAccepted(used), await isAccepted(wide)], [true, true])
    },
    { timezoneId: 'UTC' },
  )
  await world.journey(
    'an incident, narrow',
    async (page, watch) => {
      watch.expect(FAVICON)
      await signIn(page)
      await open(page, '/incident')
      await page.getByText('Nothing is frozen.').waitFor()
      await assertFits(page)
    },
    { viewport: 'narrow', colorScheme: 'dark' },
  )
})

/** As a field for date and time takes it, in UTC. */
function localMoment(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19)
}
