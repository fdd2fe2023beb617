/** Journeys of administrators and resellers: accounts, privileges, the audit trail, the API reference. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import type { Download, Page } from 'playwright-core'
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

let world: World

before(async () => {
  world = await openWorld()
  await world.server.account('seller', ['list-accts', 'basic-whm-functions', 'kill-acct'])
  await world.server.account('owned', undefined, { owner: 'seller' })
  await world.server.account('others')
})
after(() => world.close())

/** Opens a page below the security token, by its address as a bookmark would. */
async function open(page: Page, path: string, heading: string | RegExp): Promise<void> {
  const token = /^\/cpsess\d+/.exec(new URL(page.url()).pathname)?.[0] ?? assert.fail('not signed in')
  await page.goto(token + path)
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
}

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: new RegExp(`^${name}\\b`) }) })
const dialog = (page: Page) => page.getByRole('dialog')

async function textOf(download: Download): Promise<string> {
  return readFile(await download.path(), 'utf8')
}

test('root gives a reseller privileges, sees what that changes before saving, and the reseller then sees the token page', async () => {
  await world.server.tokenOf('seller', ['kill-acct', 'list-accts'], { token_name: 'cleaner' }).catch(() => undefined)
  await world.journey('before', async (page) => {
    await signIn(page, 'seller')
    await page.getByRole('link', { name: 'List Accounts' }).waitFor()
    assert.equal(await page.getByRole('link', { name: 'Manage API Tokens' }).count(), 0)
    assert.equal(await page.getByRole('link', { name: 'Edit Reseller Nameservers and Privileges' }).count(), 0)
  })
  await world.journey('give', async (page) => {
    await signIn(page)
    await page.getByRole('link', { name: 'Edit Reseller Nameservers and Privileges' }).click()
    await page.getByRole('link', { name: 'Edit seller' }).click()
    await page.getByRole('heading', { level: 1, name: 'Privileges of seller' }).waitFor()
    await page.getByText('Nothing is changed yet.').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Save privileges' }).isDisabled(), true)
    await page.getByLabel('Search privileges').fill('api keys')
    await page.getByRole('checkbox', { name: /^Manage API Tokens/ }).check()
    await page.getByText('Given: Manage API Tokens').waitFor()
    // WHM: the page of tokens is there for resellers who hold all the Initial Privileges (documented).
    await page.getByLabel('Search privileges').fill('')
    await page.getByRole('button', { name: /^Initial Privileges/ }).click()
    await page.getByRole('checkbox', { name: 'All of Initial Privileges' }).check()
    await page.getByText(/^Given: .*Manage API Tokens/).waitFor()
    await page.getByRole('button', { name: 'Save privileges' }).click()
    await page.getByText('The privileges of seller are saved.').waitFor()
    await page.getByText('Nothing is changed yet.').waitFor()
  })
  await world.journey('after', async (page) => {
    await signIn(page, 'seller')
    await page.getByRole('link', { name: 'Manage API Tokens' }).first().click()
    await page.getByRole('heading', { level: 1, name: 'Manage API Tokens' }).waitFor()
  })
})

test('taking a privilege away names the tokens that can do less, before it is saved', async () => {
  await world.server.account('taken', ['list-accts', 'kill-acct', 'manage-api-tokens'])
  await world.server.tokenOf('taken', ['list-accts', 'kill-acct'], { token_name: 'billing' })
  await world.server.tokenOf('taken', ['kill-acct'], { token_name: 'cleanup' })
  await world.journey('take', async (page) => {
    await signIn(page)
    await open(page, '/resellers?user=taken', 'Privileges of taken')
    await page.getByRole('button', { name: 'Remove Terminate Accounts' }).click()
    await page.getByText('2 API tokens can do less from then on').waitFor()
    await page.getByText('Taken away: Terminate Accounts').waitFor()
    await page.getByText('can do nothing any more').waitFor()
    await assertAccessible(page)
    await pictureForDocuments(page, 'reseller-privileges')
    // Nothing happens until it is saved.
    await page.getByRole('link', { name: 'Cancel' }).click()
    await page.getByRole('heading', { level: 1, name: 'Edit Reseller Nameservers and Privileges' }).waitFor()
  })
  const { resellers } = done(await world.server.root('postern_reseller_list')).json.data
  const taken = resellers.find(({ user }: { user: string }) => user === 'taken')
  assert.ok(taken.privileges.includes('kill-acct'))
})

test('privileges can be saved as a list and given from it, and an account be made a reseller and be none any more', () =>
  world.journey('lists', async (page) => {
    await world.server.account('newcomer')
    await signIn(page)
    await open(page, '/resellers', 'Edit Reseller Nameservers and Privileges')
    await page.getByRole('button', { name: 'Make a reseller…' }).click()
    await dialog(page).getByLabel('Account').selectOption({ label: 'newcomer (newcomer.example.com)' })
    await dialog(page).getByRole('button', { name: 'Make reseller' }).click()
    await page.getByRole('heading', { level: 1, name: 'Privileges of newcomer' }).waitFor()
    await page.getByRole('button', { name: 'Choose none' }).click()
    await page.getByLabel('Search privileges').fill('listaccts')
    await page.getByRole('checkbox', { name: /^List Accounts/ }).check()
    await page.getByRole('button', { name: 'Save as list…' }).click()
    await dialog(page).getByRole('button', { name: 'Save as list…' }).click()
    await dialog(page).getByText('Give the list a name.').waitFor()
    await dialog(page).getByLabel('Name of the list').fill('Look <b>only</b>')
    await dialog(page).getByRole('button', { name: 'Save as list…' }).click()
    await page.getByText('The list “Look <b>only</b>” is saved.').waitFor()
    await page.reload()
    await page.getByLabel('Start from').selectOption({ label: 'Saved list: Look <b>only</b>' })
    await page.getByText('Taken away: Manage API Tokens').waitFor()
    await page.getByRole('button', { name: 'Save privileges' }).click()
    await page.getByText('The privileges of newcomer are saved.').waitFor()
    await page.getByRole('button', { name: 'Take the reseller status away…' }).click()
    await dialog(page).getByLabel('Type “newcomer” to confirm').fill('newcomer')
    await dialog(page).getByRole('button', { name: 'Take away' }).click()
    await page.getByRole('heading', { level: 1, name: 'Edit Reseller Nameservers and Privileges' }).waitFor()
    // The list is read anew meanwhile.
    await row(page, 'newcomer').waitFor({ state: 'detached' })
    await assertNothingPlanted(page)
  }))

test('the name servers of a reseller are set, and one that is none is told at its field', () =>
  world.journey('name servers', async (page) => {
    await signIn(page)
    await open(page, '/resellers?user=seller', 'Privileges of seller')
    const field = page.getByLabel('Name servers of new accounts')
    await field.fill('ns1.example.com\nnot a name')
    await page.getByRole('button', { name: 'Save name servers' }).click()
    await page.getByText(/is not valid/).waitFor()
    await field.fill('ns1.example.com\nns2.example.com')
    await page.getByRole('button', { name: 'Save name servers' }).click()
    await page.getByText('The name servers of seller are saved.').waitFor()
    const { resellers } = done(await world.server.root('postern_reseller_list')).json.data
    const seller = resellers.find(({ user }: { user: string }) => user === 'seller')
    assert.deepEqual(seller.nameservers, ['ns1.example.com', 'ns2.example.com'])
  }))

test('O1: an account is created, found, suspended, changed and terminated, and what was typed is never markup', () =>
  world.journey('account', async (page) => {
    const planted = PLANTED.slice(0, 6).join(' ')
    await signIn(page)
    await page.getByRole('link', { name: 'Create a New Account' }).click()
    await page.getByRole('button', { name: 'Create', exact: true }).click()
    // The summary takes the focus, and each problem leads to its field.
    const summary = page.getByRole('alert').filter({ hasText: 'Give the account a user name.' })
    await summary.waitFor()
    await assertAccessible(page)
    await summary.getByRole('link', { name: /password/ }).click()
    assert.equal(await page.evaluate('document.activeElement?.id'), 'field-password')
    await page.getByLabel('Domain').fill('others.example.com')
    await page.getByLabel('User name').fill('fresh')
    await page.getByLabel('Password', { exact: true }).fill('a password of 9')
    await page.getByRole('button', { name: 'Create', exact: true }).click()
    await page.getByRole('link', { name: /already in use/ }).waitFor()
    await page.getByLabel('Domain').fill('fresh.example.com')
    await page.getByRole('button', { name: 'Create', exact: true }).click()
    await page.getByText('The account fresh is created.').waitFor()

    await page.getByLabel('Search accounts').fill('fresh.example')
    await page.getByText(/^1 of \d+ accounts$/).waitFor()
    await row(page, 'fresh').getByRole('button', { name: 'More for fresh' }).click()
    await page.getByRole('menuitem', { name: 'Suspend…' }).click()
    await dialog(page).getByLabel('Reason').fill(planted)
    await dialog(page).getByRole('button', { name: 'Suspend' }).click()
    await row(page, 'fresh').getByText(planted).waitFor()
    await assertNothingPlanted(page)
    await page.waitForURL(/\?.*q=fresh/)

    await row(page, 'fresh').getByRole('link', { name: 'Modify fresh' }).click()
    await page.getByRole('heading', { level: 1, name: 'Modify fresh' }).waitFor()
    await page.getByRole('button', { name: 'Unsuspend…' }).click()
    await dialog(page).getByRole('button', { name: 'Unsuspend' }).click()
    await page.getByText('fresh is active again.').waitFor()
    await page.getByLabel('User name').fill('fresher')
    await page.getByLabel('Owner').selectOption('seller')
    await page.getByText('User name: fresh → fresher').waitFor()
    await page.getByText('Owner: root → seller').waitFor()
    await assertAccessible(page)
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('The account fresher is changed.').waitFor()

    await row(page, 'fresher').getByRole('button', { name: 'More for fresher' }).click()
    await page.getByRole('menuitem', { name: 'Terminate…' }).click()
    await dialog(page).getByRole('button', { name: 'Terminate' }).click()
    await dialog(page).getByText('Type “fresher” exactly.').waitFor()
    await dialog(page).getByLabel('Type “fresher” to confirm').fill('fresher')
    await dialog(page).getByRole('button', { name: 'Terminate' }).click()
    await page.getByText('fresher is removed.').waitFor()
    await row(page, 'fresher').waitFor({ state: 'detached' })
  }))

test('a reseller sees their own accounts alone, and is offered only what they may do', () =>
  world.journey('reseller', async (page) => {
    await signIn(page, 'seller')
    await page.getByRole('link', { name: 'List Accounts' }).click()
    await row(page, 'owned').waitFor()
    assert.equal(await row(page, 'others').count(), 0)
    assert.equal(await page.getByRole('columnheader', { name: 'Owner' }).count(), 0)
    assert.equal(await page.getByRole('link', { name: 'Create Account' }).count(), 0)
    await row(page, 'owned').getByRole('button', { name: 'More for owned' }).click()
    assert.deepEqual(await page.getByRole('menuitem').allTextContents(), ['Terminate…'])
  }))

test('O1: the audit trail shows every refusal with its exact reason, and nothing that a stranger sent becomes markup', async () => {
  const { server } = world
  for (const text of PLANTED)
    await server.send('/login/', { method: 'POST', body: new URLSearchParams({ user: text, pass: 'x' }).toString() })
  const credential = await server.rootToken(['list-accts'], { token_name: 'watched', whitelist_ip: '192.0.2.1' })
  await server.call(credential, 'listaccts')
  await world.journey('audit', async (page) => {
    await signIn(page)
    await page.getByRole('link', { name: 'Audit Trail' }).click()
    for (const text of PLANTED) await page.getByRole('button', { name: text, exact: true }).first().waitFor()
    await assertNothingPlanted(page)
    await assertAccessible(page)
    await pictureForDocuments(page, 'audit-trail')
    // The filters stand in the address, so that a view can be shared.
    await page.getByLabel('Token').fill('watched')
    await page.getByLabel('Outcome').selectOption('refused')
    await page.getByRole('button', { name: 'Apply' }).click()
    await page.getByText('the token may not be used from this address').waitFor()
    assert.match(page.url(), /token=watched&outcome=refused|outcome=refused&token=watched/)
    await page.reload()
    await page.getByText('1 entry', { exact: true }).waitFor()
    await page.getByText('the token may not be used from this address').waitFor()
    await page.getByRole('button', { name: 'Clear filters' }).click()
    await page.getByRole('button', { name: 'login' }).first().click()
    await page.waitForURL(/function=login/)
  })
})

test('the audit trail is followed as it grows, and exported whole', () =>
  world.journey('tail', async (page) => {
    await signIn(page)
    await open(page, '/audit?function=gethostname', 'Audit Trail')
    await page.getByText('No entry fits these filters.').waitFor()
    await page.getByRole('switch', { name: 'Live tail' }).check({ force: true })
    await page.getByText('New entries appear by themselves.').waitFor()
    const narrow = await world.server.rootToken(['list-accts'])
    await world.server.call(narrow, 'gethostname')
    await page.getByText(/requires the privilege “basic-system-info”/).waitFor()
    for (const [item, name] of [
      ['Export as CSV', 'audit.csv'],
      ['Export as JSON', 'audit.json'],
    ] as const) {
      await page.getByRole('button', { name: 'Export', exact: true }).click()
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('menuitem', { name: item }).click(),
      ])
      assert.equal(file.suggestedFilename(), name)
      const text = await textOf(file)
      assert.ok(text.includes('gethostname') && text.includes('privilege-missing'))
    }
  }))

test('the API reference explains a function and its privileges, and tries it with this session', () =>
  world.journey('reference', async (page) => {
    await signIn(page)
    await page.getByRole('link', { name: 'API Reference' }).click()
    await page.getByLabel('Search functions').fill('list accounts')
    await assertAccessible(page)
    await page.getByRole('link', { name: 'listaccts', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'listaccts' }).waitFor()
    await page.getByText('Only reads').waitFor()
    await page.getByRole('textbox', { name: 'search', exact: true }).fill('owned')
    await page.getByRole('textbox', { name: 'want', exact: true }).fill('user,domain')
    await page.getByRole('button', { name: 'Call' }).click()
    await page.getByText('HTTP 200').waitFor()
    const reply = await page.locator('pre').textContent()
    assert.deepEqual(JSON.parse(reply ?? '').data.acct, [{ user: 'owned', domain: 'owned.example.com' }])
    await assertAccessible(page)
    await pictureForDocuments(page, 'api-reference')
    await page.getByRole('button', { name: 'Show as command' }).click()
    await dialog(page)
      .getByText(/want=user,domain/)
      .first()
      .waitFor()
    await page.keyboard.press('Escape')

    await open(page, '/reference?function=suspendacct', 'suspendacct')
    await page.getByRole('textbox', { name: /^user/ }).fill('others')
    await page.getByRole('button', { name: 'Call' }).click()
    await dialog(page).getByRole('button', { name: 'Call it' }).click()
    await page.getByText('"result": 1').waitFor()
    const summary = done(await world.server.root('accountsummary', { user: 'others' })).json
    assert.equal(summary.data.acct[0].suspended, 1)
    done(await world.server.root('unsuspendacct', { user: 'others' }))
  }))

test('accounts and privileges are managed by keyboard alone, and a dialog gives the focus back', () =>
  world.journey('keyboard', async (page) => {
    await signIn(page)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('customers')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'List Accounts' }).waitFor()
    const more = page.getByRole('button', { name: 'More for others' })
    await pressTo(page, 'Tab', 'More for others')
    await page.keyboard.press('Enter')
    await page.getByRole('menuitem', { name: 'Suspend…' }).waitFor()
    // The menu takes the focus once it is there.
    await page.waitForFunction(`document.activeElement.getAttribute('role') === 'menuitem'`)
    await pressTo(page, 'ArrowDown', 'Suspend…')
    await page.keyboard.press('Enter')
    await dialog(page).getByLabel('Reason').waitFor()
    await page.keyboard.type('a reason')
    await page.keyboard.press('Escape')
    await dialog(page).waitFor({ state: 'detached' })
    assert.equal(await page.evaluate('document.activeElement?.getAttribute("aria-label")'), 'More for others')
    assert.equal(await more.count(), 1)
    await page.keyboard.press('/')
    await page.keyboard.type('acl')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Edit Reseller Nameservers and Privileges' }).waitFor()
    await pressTo(page, 'Tab', 'Edit seller')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Privileges of seller' }).waitFor()
  }))

const PRESSES_MAX = 80

/** Presses the key until the element of that name has the focus, as somebody without a mouse does. */
async function pressTo(page: Page, key: 'Tab' | 'ArrowDown', name: string): Promise<void> {
  for (let pressed = 0; pressed < PRESSES_MAX; pressed += 1) {
    const label = await page.evaluate(
      'document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? ""',
    )
    if (label === name) return
    await page.keyboard.press(key)
  }
  assert.fail(`“${name}” cannot be reached by ${key}`)
}

test('every page of administration fits a window of 320 px, and nothing is lost there', () =>
  world.journey(
    'narrow',
    async (page) => {
      await signIn(page)
      for (const [path, heading] of [
        ['/accounts', 'List Accounts'],
        ['/accounts/new', 'Create a New Account'],
        ['/accounts/edit?user=owned', 'Modify owned'],
        ['/audit', 'Audit Trail'],
        ['/resellers', 'Edit Reseller Nameservers and Privileges'],
        ['/resellers?user=seller', 'Privileges of seller'],
        ['/sessions', 'Browser Sessions'],
        ['/reference', 'API Reference'],
        ['/reference?function=api_token_create', 'api_token_create'],
      ] as const) {
        await open(page, path, heading)
        await page.waitForLoadState('networkidle')
        await assertFits(page)
        assert.equal(await page.locator('nav [aria-current=page]').count(), 1, path)
        await assertAccessible(page)
      }
    },
    { viewport: 'narrow' },
  ))

test('S6: root sees who is signed in, and ends a session, which is refused on its next request', () =>
  world.journey('sessions', async (page) => {
    await world.server.account('visitor', ['list-accts', 'basic-whm-functions'])
    const body = new URLSearchParams({ user: 'visitor', pass: 'pass-of-visitor-1', login_only: '1' }).toString()
    const reply = await world.server.send('/login/', { method: 'POST', body })
    const cookie = String(reply.headers['set-cookie']?.[0]).split(';')[0]
    const call = () =>
      world.server.send(`${reply.json.security_token}/json-api/version?api.version=1`, { headers: { cookie } })
    assert.equal((await call()).status, 200)
    await signIn(page)
    await page.getByRole('link', { name: 'Browser Sessions' }).click()
    await page.getByText('This session', { exact: true }).waitFor()
    await assertAccessible(page)
    await page.getByRole('button', { name: 'End the session of visitor from 127.0.0.1' }).click()
    await page.getByText('The session is ended.').waitFor()
    assert.equal((await call()).status, 401)
  }))

test('S6: after signing out, neither the Back button nor the browser’s memory shows anything', () =>
  world.journey('back', async (page, watch) => {
    watch.expect(/401/)
    await signIn(page)
    await open(page, '/accounts', 'List Accounts')
    await row(page, 'owned').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('status').filter({ hasText: 'You are signed out.' }).waitFor()
    await page.goBack()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    assert.ok(!(await page.content()).includes('owned.example.com'))
  }))
