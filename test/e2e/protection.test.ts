/** Brute-force protection through its page: bans, failed attempts, lists, settings, the switch. */
import assert from 'node:assert/strict'
import { Agent } from 'node:https'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { done } from '../start-server.ts'
import {
  assertAccessible,
  assertFits,
  assertNothingPlanted,
  openWorld,
  PLANTED,
  signIn,
  type World,
} from './browser.ts'

let world: World

/** Ten wrong passwords ban an address; the names are what a stranger wrote. */
async function ban(address: string, users: readonly string[]): Promise<void> {
  const agent = new Agent({ localAddress: address, keepAlive: true, rejectUnauthorized: false })
  for (let n = 0; n < 10; n += 1) {
    const user = (users[n % users.length] ?? '').replaceAll(':', '')
    const authorization = `Basic ${Buffer.from(`${user}:wrong`).toString('base64')}`
    const { status } = await world.server.send('/json-api/version', { headers: { authorization }, agent })
    assert.equal(status, 403)
  }
  agent.destroy()
}

before(async () => {
  world = await openWorld({ settings: { ignoreSelf: 'off' } })
  await world.server.account('seller', ['list-accts', 'basic-whm-functions'])
})
after(() => world.close())

const openPage = async (page: Page): Promise<void> => {
  await page.goto(new URL(page.url()).pathname.replace(/^(\/cpsess\d+).*/, '$1/protection'))
  await page.getByRole('heading', { level: 1, name: 'Brute-force Protection' }).waitFor()
}

const config = async () => done(await world.server.root('load_cphulk_config')).json.data.cphulk_config
const listed = async (name: string) =>
  done(await world.server.root('read_cphulk_records', { list_name: name })).json.data.ips_in_list

test('ui 40: the empty page says so; addresses go on a list and off it, with the error at the field', async () => {
  await world.journey('protection, lists', async (page) => {
    await signIn(page)
    await page.getByRole('link', { name: 'Brute-force Protection' }).click()
    await page.getByText('Nobody is banned.').waitFor()
    await page.getByText('There was no failed attempt.').waitFor()
    const spared = page.getByRole('region', { name: 'Never banned' })
    await spared.getByText('No address is spared.').waitFor()
    const field = spared.getByLabel('Address, range or CIDR')
    await spared.getByRole('button', { name: 'Add', exact: true }).click()
    await spared.getByText('Enter an address, such as 192.0.2.7 or 192.0.2.0/24.').waitFor()
    await field.fill('10.1')
    await field.press('Enter')
    await spared.getByText(/“10\.1” is not an IP address or a range of them/).waitFor()
    assert.equal(await field.evaluate((element) => element.ownerDocument.activeElement === element), true)
    assert.equal(await field.getAttribute('aria-invalid'), 'true')
    await field.fill('192.0.2.0/24')
    await spared.getByLabel('Comment').fill(PLANTED[1] ?? '')
    await field.press('Enter')
    await spared.getByRole('button', { name: 'Remove 192.0.2.0/24 from “Never banned”' }).waitFor()
    await assertNothingPlanted(page)
    assert.deepEqual(await listed('white'), { '192.0.2.0/24': PLANTED[1] })
    const denied = page.getByRole('region', { name: 'Never let in' })
    await denied.getByLabel('Address, range or CIDR').fill('2001:db8::/32')
    await denied.getByRole('button', { name: 'Add', exact: true }).click()
    await denied.getByRole('button', { name: /^Remove 2001:0db8:/ }).waitFor()
    await spared.getByRole('button', { name: /^Remove 192\.0\.2\.0\/24/ }).press('Enter')
    await spared.getByText('No address is spared.').waitFor()
    assert.deepEqual(
      [await listed('white'), await listed('black')],
      [{}, { '2001:0db8:0000:0000:0000:0000:0000:0000/32': '' }],
    )
  })
  await world.journey('protection, not for a reseller', async (page) => {
    await signIn(page, 'seller')
    await page.getByRole('link', { name: 'List Accounts' }).waitFor()
    assert.equal(await page.getByRole('link', { name: 'Brute-force Protection' }).count(), 0)
  })
})

test('ui 39, 45: settings are saved, the protection is switched off and on after a question, and bans are ended', async () => {
  await ban('127.3.0.1', PLANTED)
  await ban('127.3.0.2', ['bob', 'carol', 'dave'])
  await world.journey('protection', async (page) => {
    await signIn(page)
    await openPage(page)
    const bans = page.getByRole('region', { name: 'Banned addresses' })
    await bans.getByRole('button', { name: 'End the ban of 127.3.0.1' }).waitFor()
    await page.getByText('The newest 10 of 20.').waitFor()
    await page.getByRole('button', { name: 'Show more' }).click()
    await page
      .getByRole('rowheader', { name: PLANTED[0] ?? '', exact: true })
      .first()
      .waitFor()
    await assertNothingPlanted(page)
    await assertAccessible(page)
    const settings = page.getByRole('form', { name: 'Settings' })
    const minutes = settings.getByLabel('Minutes that a first ban lasts', { exact: true })
    await minutes.fill('0')
    await minutes.press('Enter')
    await settings.getByText(/“0” is not a whole number from 1 to 1440/).waitFor()
    await minutes.fill('20')
    await settings.getByRole('button', { name: 'Show as command' }).click()
    await page.getByRole('dialog').getByText('save_cphulk_config ip_brute_force_period_mins=20').first().waitFor()
    await page.keyboard.press('Escape')
    await minutes.press('Enter')
    await page.getByText('1 setting is saved.').waitFor()
    assert.equal((await config()).ip_brute_force_period_mins, 20)
    await bans.getByRole('button', { name: 'End the ban of 127.3.0.2' }).press('Enter')
    await bans.getByRole('button', { name: 'End the ban of 127.3.0.2' }).waitFor({ state: 'hidden' })
    await bans.getByRole('button', { name: 'End all…' }).click()
    await page.getByRole('dialog', { name: 'End every ban?' }).getByRole('button', { name: 'End all' }).click()
    await bans.getByText('Nobody is banned.').waitFor()
    await page.getByRole('button', { name: 'Switch off…' }).press('Enter')
    const question = page.getByRole('dialog', { name: 'Switch the protection off?' })
    await question.getByRole('button', { name: 'Switch off' }).press('Enter')
    await page.getByRole('heading', { name: 'Protection is off' }).waitFor()
    assert.equal((await config()).is_enabled, 0)
    await page.getByRole('button', { name: 'Switch on…' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Switch on' }).click()
    await page.getByRole('heading', { name: 'Protection is on' }).waitFor()
    assert.equal((await config()).is_enabled, 1)
  })
})

test('ui 42: at 320 pixels the page of brute-force protection fits, whatever a stranger called himself', async () => {
  await ban('127.3.0.3', ['w'.repeat(60), ...PLANTED])
  await world.journey(
    'protection, narrow',
    async (page) => {
      await signIn(page)
      await openPage(page)
      await page.getByRole('button', { name: 'End the ban of 127.3.0.3' }).waitFor()
      await assertFits(page)
      await assertNothingPlanted(page)
    },
    { viewport: 'narrow', colorScheme: 'dark' },
  )
})
