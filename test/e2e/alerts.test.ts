/** Alerts and the calendar of expiries through the pages: read, acknowledged, muted; a feed made and read. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { makeSecret } from '../../src/tokens/secret.ts'
import { done } from '../start-server.ts'
import { assertAccessible, assertFits, openWorld, pictureForDocuments, signIn, type World } from './browser.ts'

let world: World
/** The browser asks for it by itself; the sign-in page has none. */
const FAVICON = /401 .*favicon\.ico/

before(async () => {
  world = await openWorld()
  const { server } = world
  const week = Math.floor(Date.now() / 1000) + 7 * 86_400
  const used = await server.rootToken(['basic-whm-functions'], { token_name: 'billing', expires_at: week })
  for (let n = 0; n < 4; n += 1) done(await server.call(used, 'version'))
  await server.rootToken(['all'], { token_name: 'old-script' })
  const hostile = '<img src=x onerror=alert(1)>\u202e"'
  await server.send('/json-api/version', {
    headers: { authorization: `whm ${Buffer.from(hostile).toString('latin1')}:${makeSecret('PSW')}` },
  })
  await server.call(`root:${makeSecret('PSW')}`, 'version')
})
after(() => world.close())

/** Goes to a page of the program, by its path. */
async function open(page: Page, path: string): Promise<void> {
  await page.goto(new URL(page.url()).pathname.replace(/^(\/cpsess\d+).*/, `$1${path}`))
}

test('ui 4, 39: alerts are read with their reason, acknowledged, and muted for a time', async () => {
  await world.journey('alerts', async (page, watch) => {
    watch.expect(FAVICON)
    await signIn(page)
    await page.getByRole('link', { name: /open alerts/ }).click()
    await page.getByRole('heading', { name: 'Alerts', exact: true }).waitFor()
    const item = page.getByRole('listitem').filter({ hasText: 'The token “old-script” of “root” was made' })
    await item.getByText('Warning').waitFor()
    await page.getByText('A well-formed token that is not known here was used').first().waitFor()
    await assertAccessible(page)
    await pictureForDocuments(page, 'alerts')
    await item.getByRole('button', { name: 'Mute: A token was given every privilege' }).click()
    const dialog = page.getByRole('dialog', { name: 'Mute alerts' })
    await dialog.getByLabel('What').selectOption({ label: 'Everything about the token old-script' })
    await dialog.getByRole('button', { name: 'Mute', exact: true }).click()
    await page.getByRole('heading', { name: 'What is muted' }).waitFor()
    await item.getByText(/ · Muted/).waitFor()
    await page.getByRole('button', { name: /^Take back: every kind/ }).click()
    await page.getByRole('heading', { name: 'What is muted' }).waitFor({ state: 'hidden' })
    await item.getByRole('button', { name: /^Acknowledge: / }).click()
    await item.waitFor({ state: 'hidden' })
    await page.getByText('Acknowledged', { exact: true }).click()
    await item.getByText(/Acknowledged by root/).waitFor()
    await page.reload()
    await item.getByText(/Acknowledged by root/).waitFor()
  })
})

test('O1: in alerts, text of a stranger is text', async () => {
  await world.journey(
    'alerts, narrow',
    async (page, watch) => {
      watch.expect(FAVICON)
      await signIn(page)
      await open(page, '/alerts?state=every')
      await page
        .getByText(/not known here was used/)
        .first()
        .waitFor()
      assert.equal(await page.locator('img[src="x"]').count(), 0)
      await assertFits(page)
      await pictureForDocuments(page, 'alerts-narrow')
    },
    { viewport: 'narrow', colorScheme: 'dark' },
  )
})

test('ui 38: the calendar shows when tokens end, and makes a feed that a program can read until it is ended', async () => {
  await world.journey('expiry calendar', async (page, watch) => {
    watch.expect(FAVICON)
    await signIn(page)
    await open(page, '/expiry')
    await page.getByRole('link', { name: 'billing', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Make an address' }).click()
    const field = page.getByLabel('Address of the feed, shown this once')
    const url = new URL(await field.inputValue())
    const feed = await world.server.send(url.pathname)
    assert.equal(feed.status, 200)
    assert.match(feed.body, /SUMMARY:The API token billing of root expires/)
    await assertAccessible(page)
    await pictureForDocuments(page, 'expiry')
    await page.getByRole('button', { name: 'End the address' }).click()
    await page.getByText('The address no longer answers.').waitFor()
    assert.equal((await world.server.send(url.pathname)).status, 404)
  })
  await world.journey(
    'expiry calendar, narrow',
    async (page, watch) => {
      watch.expect(FAVICON)
      await signIn(page)
      await page.getByRole('img', { name: /4 calls and 0 refusals in the last 30 days/ }).waitFor()
      await pictureForDocuments(page, 'home-narrow')
      await open(page, '/expiry')
      await page.getByRole('link', { name: 'billing', exact: true }).waitFor()
      await assertFits(page)
    },
    { viewport: 'narrow', colorScheme: 'dark' },
  )
})
