/** Journeys through Manage API Tokens, on a real server, as a person makes them. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { INITIAL_PRIVILEGES } from '../../src/acl/catalogue.ts'
import { done } from '../start-server.ts'
import {
  assertAccessible,
  assertFits,
  assertNothingPlanted,
  openWorld,
  PLANTED,
  pictureForDocuments,
  signIn,
  type World,
} from './browser.ts'

const DAY = 86_400
const SELLER = [...INITIAL_PRIVILEGES, 'list-accts', 'suspend-acct']

let world: World
/** Ahead of the machine's clock, for what ends after a while. */
let aheadMs = 0

before(async () => {
  world = await openWorld({ settings: { timezone: 'Europe/Berlin' }, wallMs: () => Date.now() + aheadMs })
  await world.server.account('seller', SELLER)
})
after(() => world.close())

const nowSeconds = (): number => Math.floor((Date.now() + aheadMs) / 1000)

async function openTokens(page: Page, user = 'root'): Promise<void> {
  await signIn(page, user)
  await page.getByRole('link', { name: 'Manage API Tokens' }).first().click()
  await page.getByRole('heading', { level: 1, name: 'Manage API Tokens' }).waitFor()
}

/** A token of root's, made by API. */
async function made(name: string, more: Record<string, string | number | readonly string[]> = {}): Promise<string> {
  const reply = await world.server.root('api_token_create', { token_name: name, acl: ['list-accts'], ...more })
  return `root:${done(reply).json.data.token}`
}

const row = (page: Page, name: string) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) })

async function revealedSecret(page: Page): Promise<string> {
  const secret = await page.getByLabel('Secret', { exact: true }).inputValue()
  assert.match(secret, /^PSW[0-9A-Z]{29}$/)
  return secret
}

test('a page is found by its name and by what else people call it, with / and Ctrl-K, and Enter opens it', () =>
  world.journey('search', async (page) => {
    await signIn(page)
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
    const search = page.getByLabel('Search pages')
    for (const [key, words] of [
      ['/', 'api'],
      ['Control+k', 'api key'],
      ['/', 'secret'],
    ] as const) {
      await page.getByRole('heading', { level: 1 }).click()
      await page.keyboard.press(key)
      await search.fill(words)
      await page.getByRole('option', { name: /Development » Manage API Tokens/ }).waitFor()
    }
    await search.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Manage API Tokens' }).waitFor()
    await page.keyboard.press('/')
    await search.fill('no such thing')
    await page.getByText('No page is found by “no such thing”').waitFor()
  }))

test('from a template to a token that works, is narrowed, is refused, and is revoked; its secret is shown once', () =>
  world.journey('generate', async (page) => {
    await openTokens(page)
    await page.getByRole('link', { name: 'Generate Token' }).first().click()
    await page.getByRole('button', { name: /^WHMCS/ }).click()
    await page.getByLabel('Name').fill('shop-1')
    await page.getByLabel('Note').fill('Billing of the shop')
    await page.evaluate('window.scrollTo(0, 0)')
    await pictureForDocuments(page, 'generate')
    await page.getByRole('button', { name: 'Add my current address (127.0.0.1)' }).click()
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByRole('heading', { level: 1, name: 'Review' }).waitFor()
    await page.getByText('make, widen or end tokens').waitFor()
    await page.getByRole('button', { name: 'Generate', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Token shop-1 is made' }).waitFor()
    await pictureForDocuments(page, 'secret')
    const secret = await revealedSecret(page)
    const credential = `root:${secret}`
    await page.getByRole('button', { name: 'Test it now' }).click()
    await page.getByText(/^It works: \d+ functions may be called\.$/).waitFor()
    assert.equal((await world.server.call(credential, 'listaccts')).status, 200)
    assert.equal((await world.server.call(credential, 'setacls')).status, 403)
    assert.ok(!page.url().includes(secret) && !(await page.title()).includes(secret))

    await page.getByRole('button', { name: 'Yes, I saved my token' }).click()
    await row(page, 'shop-1').waitFor()
    assert.ok(!(await page.content()).includes(secret))
    await page.goBack()
    assert.ok(!(await page.content()).includes(secret))

    await page.goto(`${page.url().replace(/(cpsess\d+).*/, '$1')}/tokens`)
    await row(page, 'shop-1').getByRole('link', { name: 'Edit shop-1' }).click()
    await page.getByRole('button', { name: 'Remove List Accounts' }).click()
    await page.getByLabel('IP addresses').fill('10.5.3.0/24\n127.0.0.1')
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByRole('listitem').filter({ hasText: 'Removes List Accounts' }).waitFor()
    await page.getByRole('listitem').filter({ hasText: 'Adds 10.5.3.0/24' }).waitFor()
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('shop-1 is saved.').waitFor()
    assert.equal((await world.server.call(credential, 'listaccts')).status, 403)
    assert.equal((await world.server.call(credential, 'version')).status, 200)

    await world.server.server.runtime.flushUsage()
    await page.reload()
    await row(page, 'shop-1').getByRole('button', { name: 'More for shop-1' }).click()
    await page.getByRole('menuitem', { name: 'Revoke…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Revoke this token?' })
    await dialog.getByText('from 127.0.0.1').waitFor()
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click()
    await dialog.getByText('Type “shop-1” exactly.').waitFor()
    await dialog.getByRole('textbox').fill('shop-1')
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click()
    await page.getByText('Revoked: shop-1').waitFor()
    assert.equal((await world.server.call(credential, 'version')).status, 403)
    await row(page, 'shop-1').getByText('Revoked', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Undo', exact: true }).click()
    await page.getByText('1 token works as before.').waitFor()
    assert.equal((await world.server.call(credential, 'version')).status, 200)
  }))

test('nothing is ticked at the start; what is missing is told at the top, linked to its field, and nothing is made', () =>
  world.journey('form', async (page) => {
    await openTokens(page, 'seller')
    await page
      .getByRole('link', { name: /Generate Token|Start without/ })
      .first()
      .click()
    await page.getByText('Nothing yet. What you tick stands here.').waitFor()
    await page.getByLabel('Name').fill('bad name')
    await page.getByText('Use only letters, digits, “-” and “_”.').waitFor()
    await page.getByLabel('IP addresses').fill('10.0.0.1\n\n010.0.0.1')
    await page.getByText('Line 3: “010.0.0.1” has a leading zero in “010”.').first().waitFor()
    await page.getByLabel('Date', { exact: true }).fill('2027-02-29')
    await page.getByRole('button', { name: 'Review' }).click()
    const summary = page.getByRole('alert').filter({ hasText: '4 things to correct' })
    await summary.waitFor()
    assert.ok(await summary.evaluate((element) => element === element.ownerDocument.activeElement))
    for (const [link, label] of [
      ['Name: Use only letters', 'Name'],
      ['What it may do: Choose at least one privilege.', 'Search privileges'],
      ['Line 3: “010.0.0.1”', 'IP addresses'],
      ['Date: The date is not a day of the calendar.', 'Date'],
    ] as const) {
      await summary.getByRole('link', { name: link }).click()
      const field = page.getByLabel(label, { exact: label === 'Date' })
      assert.ok(await field.evaluate((element) => element === element.ownerDocument.activeElement), label)
    }
    const { tokens } = done(await world.server.root('postern_token_list', { owner: 'seller' })).json.data
    assert.deepEqual(tokens, [])
  }))

test('a reseller is offered what they hold, finds it by function and in plain words, and is told that more exists', () =>
  world.journey('picker', async (page) => {
    await openTokens(page, 'seller')
    await page
      .getByRole('link', { name: /Generate Token|Start without/ })
      .first()
      .click()
    await page.getByText(/\d+ more privileges exist that you do not hold; root can grant them to you\./).waitFor()
    assert.equal(await page.getByRole('button', { name: 'Everything…' }).count(), 0)
    for (const words of ['suspendacct', 'stop a site', 'suspend-acct']) {
      await page.getByLabel('Search privileges').fill(words)
      await page.getByRole('checkbox', { name: /Suspend\/Unsuspend Accounts/ }).waitFor()
      await page.getByRole('checkbox', { name: /List Accounts/ }).waitFor({ state: 'detached' })
    }
    await page.getByLabel('Search privileges').fill('api tokens')
    await page.getByText('lets a token go beyond its limits').first().waitFor()
    await page.getByRole('button', { name: 'Choose all of mine' }).click()
    await page.getByRole('complementary', { name: `Chosen (${SELLER.length})` }).waitFor()
  }))

test('a reseller sees the page with all the Initial Privileges, and without one of them does not', () =>
  world.journey('initial', async (page, watch) => {
    await world.server.account('partly', ['list-accts', 'manage-api-tokens', 'basic-whm-functions'])
    await signIn(page, 'partly')
    await page.getByText('you need all the Initial Privileges').waitFor()
    assert.equal(await page.getByRole('link', { name: 'Manage API Tokens' }).count(), 0)
    await page.goto(`${page.url().replace(/(cpsess\d+).*/, '$1')}/tokens`)
    await page.getByText('There is no page at this address.').waitFor()
    done(
      await world.server.root('setacls', {
        reseller: 'partly',
        ...Object.fromEntries(INITIAL_PRIVILEGES.map((acl) => [`acl-${acl}`, '1'])),
      }),
    )
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Manage API Tokens' }).waitFor()
    assert.deepEqual(watch.complaints, [])
  }))

test('everything needs a step of its own with a typed confirmation, and is called what it is', () =>
  world.journey('everything', async (page) => {
    await openTokens(page)
    await page.getByRole('link', { name: 'Generate Token' }).first().click()
    await page.getByLabel('Name').fill('as-root')
    await page.getByRole('button', { name: 'Everything…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Give this token everything?' })
    await dialog.getByRole('button', { name: 'Give everything' }).click()
    await dialog.getByText('Type “everything” exactly.').waitFor()
    await dialog.getByRole('textbox').fill('everything')
    await dialog.getByRole('button', { name: 'Give everything' }).click()
    await page.getByText('This token equals root').waitFor()
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByText('Equals root.').waitFor()
  }))

test('E1: the end of a date is said with 23:59:59 and the server’s zone, and is what the token gets', () =>
  world.journey('expiry', async (page) => {
    await openTokens(page)
    await page.getByRole('link', { name: 'Generate Token' }).first().click()
    await page.getByLabel('Name').fill('dated')
    await page.getByRole('button', { name: /^DNS-01/ }).click()
    await page.getByLabel('Date', { exact: true }).fill('2028-10-29')
    await page.getByText('Ends 29 Oct 2028, 23:59:59 Europe/Berlin').waitFor()
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByText('29 Oct 2028, 23:59:59 Europe/Berlin').waitFor()
    await page.getByRole('button', { name: 'Generate', exact: true }).click()
    await page.getByRole('button', { name: 'Yes, I saved my token' }).click()
    const { tokens } = done(await world.server.root('api_token_list')).json.data
    assert.equal(tokens.dated.expires_at, Date.UTC(2028, 9, 29, 22, 59, 59) / 1000)
  }))

test('E8: expired and soon-expiring tokens have a word and a mark of their own, and ready views and search find them', () =>
  world.journey('views', async (page) => {
    await made('ends-soon', { expires_at: nowSeconds() + 9 * DAY })
    const over = await made('is-over', { expires_at: nowSeconds() + 60 })
    aheadMs += 61_000
    assert.equal((await world.server.call(over, 'listaccts')).status, 403)
    await openTokens(page)
    await row(page, 'ends-soon').getByText('Expires soon').waitFor()
    await assertFits(page)
    await pictureForDocuments(page, 'tokens')
    await row(page, 'ends-soon')
      .getByText(/in 8 days/)
      .waitFor()
    await row(page, 'is-over').getByText('Expired').waitFor()
    for (const name of ['ends-soon', 'is-over']) {
      assert.equal((await row(page, name).getByRole('cell').locator('svg').count()) > 0, true, name)
    }
    await page.getByLabel('View', { exact: true }).selectOption('Expired')
    await row(page, 'ends-soon').waitFor({ state: 'detached' })
    assert.match(page.url(), /view=expired/)
    await page.getByLabel('View', { exact: true }).selectOption('All')
    await page.getByLabel('Search tokens').fill('listaccts soon')
    await row(page, 'is-over').waitFor({ state: 'detached' })
    await row(page, 'ends-soon').waitFor()
    await page.waitForURL(/q=listaccts/)
    await page.reload()
    await row(page, 'ends-soon').waitFor()
    assert.equal(await row(page, 'is-over').count(), 0)
  }))

test('ui 3, 6: what ended stays, says who still tries it, and is brought back within 60 minutes; views ask for it', () =>
  world.journey('ended', async (page) => {
    const credential = await made('ended-1')
    const { tokens } = done(await world.server.root('postern_token_list')).json.data
    const { postern_id } = tokens.find(({ name }: { name: string }) => name === 'ended-1')
    done(await world.server.root('postern_token_revoke', { token_id: postern_id }))
    await openTokens(page)
    const view = page.getByLabel('View', { exact: true })
    await view.selectOption('Revoked')
    const ended = row(page, 'ended-1')
    await ended.getByText('Revoked', { exact: true }).waitFor()
    assert.equal(await ended.getByText('Still tried').count(), 0)
    assert.equal(await ended.getByRole('checkbox').count(), 0)
    await view.selectOption('Ended, still tried')
    await ended.waitFor({ state: 'detached' })
    assert.equal((await world.server.call(credential, 'listaccts')).status, 403)
    await world.server.server.runtime.flushUsage()
    await page.reload()
    await ended.getByText(/Still tried, .* from 127\.0\.0\.1/).waitFor()
    await assertFits(page)
    await assertAccessible(page)
    await view.selectOption('Refused recently')
    await ended.waitFor({ state: 'detached' })
    await view.selectOption('All')
    await ended.getByRole('button', { name: 'Undo the revoke of ended-1' }).click()
    await page.getByText('1 token works as before.').waitFor()
    await ended.getByText('Active').waitFor()
    assert.equal((await world.server.call(credential, 'listaccts')).status, 200)
    await view.selectOption('Refused recently')
    await ended.waitFor()
    done(await world.server.root('postern_token_revoke', { token_id: postern_id }))
    // The session ends as well.
    aheadMs += 61 * 60_000
    await openTokens(page)
    await view.selectOption('Revoked')
    await ended.waitFor()
    assert.equal(await ended.getByRole('button', { name: /^Undo/ }).count(), 0)
  }))

test('pause comes before revoke, stops the token at once, and resume brings it back', () =>
  world.journey('pause', async (page) => {
    const credential = await made('rests')
    await openTokens(page)
    await row(page, 'rests').getByRole('button', { name: 'More for rests' }).click()
    assert.deepEqual(await page.getByRole('menuitem').allTextContents(), ['Pause', 'What It Did', 'Rotate…', 'Revoke…'])
    await page.getByRole('menuitem', { name: 'Pause' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()
    await row(page, 'rests').getByText('Paused').waitFor()
    assert.equal((await world.server.call(credential, 'listaccts')).status, 403)
    await row(page, 'rests').getByRole('checkbox').check()
    await page.getByRole('button', { name: 'Resume', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click()
    await row(page, 'rests').getByText('Active').waitFor()
    assert.equal((await world.server.call(credential, 'listaccts')).status, 200)
  }))

test('rotate shows a new secret once, and the old one works on for as long as was chosen', () =>
  world.journey('rotate', async (page) => {
    const old = await made('turns')
    await openTokens(page)
    await row(page, 'turns').getByRole('button', { name: 'More for turns' }).click()
    await page.getByRole('menuitem', { name: 'Rotate…' }).click()
    await page.getByRole('radio', { name: 'for 1 hour' }).check()
    await page.getByRole('button', { name: 'Make a new secret' }).click()
    await page.getByRole('heading', { level: 1, name: 'turns has a new secret' }).waitFor()
    const secret = await revealedSecret(page)
    for (const credential of [old, `root:${secret}`]) {
      assert.equal((await world.server.call(credential, 'listaccts')).status, 200)
    }
    await page.getByRole('button', { name: 'Yes, I saved my token' }).click()
    await row(page, 'turns').waitFor()
  }))

test('a secret is not left by chance, is announced without being said, and stays covered for whoever wants that', () =>
  world.journey('leaving', async (page) => {
    await openTokens(page, 'seller')
    await page
      .getByRole('link', { name: /Generate Token|Start without/ })
      .first()
      .click()
    await page.getByLabel('Name').fill('kept')
    await page.getByRole('button', { name: 'Choose all of mine' }).click()
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByRole('button', { name: 'Generate', exact: true }).click()
    const secret = await revealedSecret(page)
    await page.getByRole('button', { name: 'Copy', exact: true }).first().click()
    await page
      .getByRole('status')
      .filter({ hasText: /^(Token copied|Selected: press Ctrl-C to copy)$/ })
      .waitFor()
    for (const said of await page.getByRole('status').allTextContents()) assert.ok(!said.includes(secret), said)
    await page.getByRole('link', { name: 'Home' }).click()
    const dialog = page.getByRole('dialog', { name: 'Leave without the secret?' })
    await dialog.getByRole('button', { name: 'Stay' }).click()
    assert.equal(await page.getByLabel('Secret', { exact: true }).inputValue(), secret)
    await page.goBack()
    await dialog.waitFor()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    assert.equal(await page.getByLabel('Secret', { exact: true }).inputValue(), secret)
    const stored = page.waitForResponse(/postern_preferences_set$/)
    await page.getByRole('checkbox', { name: 'Keep secrets hidden until I ask' }).check()
    assert.equal((await stored).status(), 200)
    await page.getByRole('button', { name: 'Show secret', pressed: true }).click()
    assert.equal(await page.getByLabel('Secret', { exact: true }).getAttribute('type'), 'password')
    await page.getByRole('link', { name: 'Home' }).click()
    await dialog.getByRole('button', { name: 'I saved it, leave' }).click()
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
    const { entries } = { entries: await world.server.audit({ function: 'postern_preferences_set', limit: 1 }) }
    assert.equal(entries[0].outcome, 'done')
  }))

test('S9: with an old sign-in a token is made or widened only after the password was given again, and the form is kept', () =>
  world.journey('confirm', async (page, watch) => {
    watch.expect(/403|status of 4/)
    await openTokens(page)
    await page.getByRole('link', { name: 'Generate Token' }).first().click()
    await page.getByLabel('Name').fill('late')
    await page.getByRole('button', { name: /^Backup/ }).click()
    await page.getByLabel('Name').fill('late')
    await page.getByRole('button', { name: 'Review' }).click()
    aheadMs += 6 * 60_000
    await page.getByRole('button', { name: 'Generate', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'Confirm that it is you' })
    await dialog.getByLabel('Password', { exact: true }).fill('wrong')
    await dialog.getByRole('button', { name: 'Confirm' }).click()
    await dialog.getByRole('alert').waitFor()
    await dialog.getByLabel('Password', { exact: true }).fill('the gate is narrow 7')
    await dialog.getByRole('button', { name: 'Confirm' }).click()
    await page.getByRole('heading', { level: 1, name: 'Token late is made' }).waitFor()
    await page.getByRole('button', { name: 'Yes, I saved my token' }).click()
    await row(page, 'late').getByRole('link', { name: 'Edit late' }).click()
    await page.getByRole('radio', { name: 'Does not expire' }).check()
    await page.getByRole('button', { name: 'Review' }).click()
    aheadMs += 6 * 60_000
    await page.getByRole('button', { name: 'Save changes' }).click()
    await dialog.getByLabel('Password', { exact: true }).fill('the gate is narrow 7')
    await dialog.getByRole('button', { name: 'Confirm' }).click()
    await page.getByText('late is saved.').waitFor()
  }))

test('revoke all ends one’s own tokens alone, after a reason and typed words', () =>
  world.journey('revoke-all', async (page) => {
    await world.server.account('ender', SELLER)
    const [mine, other] = [await world.server.tokenOf('ender', ['list-accts']), await made('of-root')]
    await openTokens(page, 'ender')
    await page.getByRole('button', { name: 'List actions' }).click()
    await page.getByRole('menuitem', { name: 'Revoke All' }).click()
    await page.getByRole('button', { name: 'Revoke 1 token' }).click()
    await page.getByRole('alert').filter({ hasText: '2 things to correct' }).waitFor()
    await page.getByLabel('Reason').fill('handed over')
    await page.getByLabel('Type “revoke all” to confirm').fill('revoke all')
    await page.getByRole('button', { name: 'Revoke 1 token' }).click()
    await page.getByText('1 token is revoked.').waitFor()
    await page.getByRole('heading', { name: 'No tokens yet' }).waitFor()
    assert.equal((await world.server.call(mine, 'listaccts')).status, 403)
    assert.equal((await world.server.call(other, 'listaccts')).status, 200)
  }))

test('O1, O2: what people write anywhere, or put into a link, is shown as typed and never becomes markup', () =>
  world.journey('planted', async (page) => {
    await Promise.all(PLANTED.map((note, at) => made(`planted-${at}`, { note, ticket: note.slice(0, 100) })))
    await openTokens(page)
    for (const note of PLANTED) await page.getByText(note, { exact: false }).first().waitFor()
    await assertNothingPlanted(page)
    const base = page.url().replace(/(cpsess\d+).*/, '$1')
    for (const text of PLANTED) {
      const query = new URLSearchParams({ template: text, name: text, note: text, ips: text, expires_in: text })
      await page.goto(`${base}/tokens/new?${query}`)
      await page.getByText('These values came with a link').waitFor()
      assert.equal(await page.getByLabel('Name').inputValue(), text)
      await assertNothingPlanted(page)
    }
    await page.goto(`${base}/`)
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
    await assertNothingPlanted(page)
    await Promise.all(PLANTED.map((_, at) => world.server.root('api_token_revoke', { token_name: `planted-${at}` })))
  }))

test('S8: a link to a page leads there after the sign-in, filled in but not sent', () =>
  world.journey('link', async (page, watch) => {
    watch.expect(/status of 401/)
    await page.goto('/tokens/new?template=monitoring&expires_in=45&name=from-a-link')
    await page.getByLabel('User name').fill('root')
    await page.getByLabel('Password').fill('the gate is narrow 7')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('These values came with a link').waitFor()
    assert.equal(await page.getByLabel('Name').inputValue(), 'from-a-link')
    await page.getByRole('complementary', { name: 'Chosen (7)' }).waitFor()
    const { tokens } = done(await world.server.root('api_token_list')).json.data
    assert.equal(tokens['from-a-link'], undefined)
  }))

test('the whole way from sign-in to revoke goes by keyboard alone', () =>
  world.journey('keyboard', async (page) => {
    const { keyboard } = page
    const tabTo = async (name: RegExp): Promise<void> => {
      for (let step = 0; step < 200; step += 1) {
        await keyboard.press('Tab')
        const [text, isSeen] = (await page.evaluate(`(() => {
          const element = document.activeElement
          const label = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent ?? ''
          return [label.trim(), element.getClientRects().length > 0]
        })()`)) as [string, boolean]
        if (!name.test(text)) continue
        assert.ok(isSeen, `${name} has the focus and is not to be seen`)
        return
      }
      assert.fail(`${name} is not reached by Tab`)
    }
    await page.goto('/login/')
    await page.locator('input:focus').waitFor()
    await keyboard.type('root')
    await keyboard.press('Tab')
    await keyboard.type('the gate is narrow 7')
    await keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
    await keyboard.press('/')
    await keyboard.type('token')
    await keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Manage API Tokens' }).waitFor()
    await tabTo(/^Generate Token$/)
    await keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Generate Token' }).waitFor()
    await tabTo(/^DNS-01/)
    await keyboard.press('Space')
    await tabTo(/^Name/)
    await keyboard.press('Control+a')
    await keyboard.type('by-keys')
    await tabTo(/^Review$/)
    await keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Review' }).waitFor()
    await tabTo(/^Generate$/)
    await keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Token by-keys is made' }).waitFor()
    await tabTo(/^Yes, I saved my token$/)
    await keyboard.press('Enter')
    await row(page, 'by-keys').waitFor()
    await tabTo(/^More for by-keys$/)
    await keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Revoke…' }).waitFor()
    // The menu takes the focus once it is there.
    await page.waitForFunction(`document.activeElement.getAttribute('role') === 'menuitem'`)
    for (let step = 0; step < 6; step += 1) {
      if ((await page.evaluate(`document.activeElement.textContent`)) === 'Revoke…') break
      await keyboard.press('ArrowDown')
    }
    await keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Revoke this token?' })
    await dialog.waitFor()
    for (let step = 0; step < 12; step += 1) {
      await keyboard.press('Tab')
      assert.ok(
        await page.evaluate(`document.activeElement.closest('[role=dialog]') !== null`),
        'the focus left the dialog',
      )
    }
    await keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    done(await world.server.root('api_token_revoke', { token_name: 'by-keys' }))
  }))

const PAGES: readonly (readonly [path: string, heading: string])[] = [
  ['/', 'Home'],
  ['/tokens', 'Manage API Tokens'],
  ['/tokens/new?template=whmcs', 'Generate Token'],
  ['/tokens/revoke-all', 'Revoke All'],
]

test('axe finds nothing on any of these pages and dialogs, light and dark', () =>
  world.journey('axe', async (page) => {
    await made('looked-at', { expires_at: nowSeconds() + 5 * DAY, note: 'a note', whitelist_ip: ['127.0.0.1', '::1'] })
    await page.goto('/login/')
    await assertAccessible(page)
    await signIn(page)
    const base = page.url().replace(/(cpsess\d+).*/, '$1')
    for (const [path, heading] of PAGES) {
      await page.goto(base + path)
      await page.getByRole('heading', { level: 1, name: heading }).waitFor()
      if (path === '/') await pictureForDocuments(page, 'home')
      assert.equal(await page.locator('nav [aria-current=page]').count(), 1, path)
      await assertAccessible(page)
    }
    await page.goto(`${base}/tokens/new`)
    await page.getByLabel('Search privileges').fill('account')
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByRole('alert').waitFor()
    await assertAccessible(page)
    await page.getByRole('button', { name: 'Open calendar' }).click()
    await page.getByRole('dialog').waitFor()
    await assertAccessible(page)
    await page.goto(`${base}/tokens`)
    await row(page, 'looked-at').getByRole('button', { name: 'More for looked-at' }).click()
    await page.getByRole('menuitem', { name: 'Revoke…' }).waitFor()
    await assertAccessible(page)
    await page.getByRole('menuitem', { name: 'Revoke…' }).click()
    await page.getByRole('dialog').waitFor()
    await assertAccessible(page)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Show as command' }).click()
    await page.getByRole('dialog').waitFor()
    await assertAccessible(page)
    await page.keyboard.press('Escape')
    await row(page, 'looked-at').getByRole('link', { name: 'Edit looked-at' }).click()
    await page.getByLabel('Note').fill('another')
    await page.getByRole('button', { name: 'Review' }).click()
    await page.getByRole('heading', { level: 1, name: 'Review the changes' }).waitFor()
    await assertAccessible(page)
  }))

for (const viewport of ['wide', 'narrow'] as const) {
  test(`ui 44: written from right to left every page fits its window and runs the other way, ${viewport}`, () =>
    world.journey(
      `right-to-left-${viewport}`,
      async (page) => {
        // Before the page's own code runs, as its document would say it.
        await page.addInitScript(
          "document.addEventListener('readystatechange', () => { document.documentElement.dir = 'rtl' }, { once: true })",
        )
        await made(`mirrored-${viewport}-a-name-without-a-break-in-it-012`, {
          note: 'Donaudampfschifffahrtsgesellschaft'.repeat(4),
        })
        await signIn(page)
        const base = page.url().replace(/(cpsess\d+).*/, '$1')
        for (const [path, heading] of PAGES) {
          await page.goto(base + path)
          await page.getByRole('heading', { level: 1, name: heading }).waitFor()
          await assertFits(page)
        }
        await page.goto(`${base}/tokens`)
        const name = await page.getByText(`mirrored-${viewport}`).first().boundingBox()
        const status = await row(page, `mirrored-${viewport}`).getByText('Active').boundingBox()
        assert.ok(name !== null && status !== null)
        assert.ok(name.x + name.width > status.x + status.width, 'the name stands at the right')
      },
      { viewport },
    ))
}

/** How far the list reaches over what is above it, in pixels. */
const BEYOND = `Math.max(0, Math.round(document.querySelector('table').getBoundingClientRect().right -
  document.querySelector('.toolbar').getBoundingClientRect().right))`

test('at 320 pixels every page fits its window, and a token can be made', () =>
  world.journey(
    'narrow',
    async (page) => {
      await made('aNameOfFiftyLettersInWhichNothingCanBeBroken012345', {
        note: 'Donaudampfschifffahrtsgesellschaft'.repeat(4),
        whitelist_ip: '2001:db8:1111:2222:3333:4444:5555:6666',
      })
      await page.goto('/login/')
      await assertFits(page)
      await signIn(page)
      const base = page.url().replace(/(cpsess\d+).*/, '$1')
      for (const [path, heading] of PAGES) {
        await page.goto(base + path)
        await page.getByRole('heading', { level: 1, name: heading }).waitFor()
        await assertFits(page)
      }
      await page.setViewportSize({ width: 1280, height: 800 })
      await page.goto(`${base}/tokens`)
      await row(page, 'aNameOfFifty').waitFor()
      assert.equal(await page.evaluate(BEYOND), 0)
      await page.setViewportSize({ width: 320, height: 640 })
      await page.getByRole('button', { name: 'Open navigation' }).click()
      await page.getByRole('link', { name: 'Home' }).last().click()
      await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor()
      await page.goto(`${base}/tokens/new?template=backup&name=small`)
      await page.getByRole('button', { name: 'Review' }).click()
      await page.getByRole('button', { name: 'Generate', exact: true }).click()
      await revealedSecret(page)
      await assertFits(page)
      await page.getByRole('button', { name: 'Yes, I saved my token' }).click()
      await row(page, 'small').waitFor()
    },
    { viewport: 'narrow' },
  ))
