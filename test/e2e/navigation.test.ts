/** Journeys with the Back button, links and deep links: where the reader was is where they come back to. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { openWorld, signIn, type World } from './browser.ts'

let world: World

before(async () => {
  world = await openWorld()
  for (let number = 10; number < 65; number += 1)
    await world.server.rootToken(['list-accts'], { token_name: `job-${number}` })
})
after(() => world.close())

const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { level: 1, name })

/** The page's name has the focus, so that it is read, and names the window. */
async function assertArrived(page: Page, name: string): Promise<void> {
  await heading(page, name).waitFor()
  await page.waitForFunction('document.activeElement?.tagName === "H1"')
  assert.equal(await page.evaluate('document.activeElement.textContent'), name)
  assert.equal(await page.title(), `${name} · Postern`)
}

async function openTokens(page: Page): Promise<void> {
  await signIn(page)
  await page.getByRole('link', { name: 'Manage API Tokens' }).first().click()
  await assertArrived(page, 'Manage API Tokens')
}

test('each page names the window and hands the focus to its heading, those that are reached from another one too', () =>
  world.journey('headings', async (page) => {
    await openTokens(page)
    await page.getByRole('link', { name: 'job-10', exact: true }).click()
    await assertArrived(page, 'What job-10 did')
    await page.getByRole('link', { name: 'Edit', exact: true }).click()
    await assertArrived(page, 'Edit job-10')
    await page.getByRole('link', { name: 'API Reference' }).click()
    await assertArrived(page, 'API Reference')
    await page.getByRole('link', { name: 'listaccts', exact: true }).click()
    await assertArrived(page, 'listaccts')
    await page.goBack()
    await assertArrived(page, 'API Reference')
  }))

test('the Back button leads from the review to the form with all that was typed, and Forward to the review again', () =>
  world.journey('review and back', async (page) => {
    await openTokens(page)
    await page.getByRole('link', { name: 'Edit job-10' }).click()
    await page.getByLabel('Note').fill('typed with care')
    await page.getByRole('button', { name: 'Review' }).click()
    await assertArrived(page, 'Review the changes')
    await page.goBack()
    await assertArrived(page, 'Edit job-10')
    assert.equal(await page.getByLabel('Note').inputValue(), 'typed with care')
    await page.goForward()
    await assertArrived(page, 'Review the changes')
    await page.getByRole('button', { name: 'Edit', exact: true }).click()
    await assertArrived(page, 'Edit job-10')
    // What was reviewed is no longer what is in the form.
    await page.getByLabel('Note').fill('typed anew')
    await page.goForward()
    await heading(page, 'Edit job-10').waitFor()
    assert.equal(await page.getByLabel('Note').inputValue(), 'typed anew')
  }))

test('Back comes to the page of the list and the place on it that one left; a link to the list begins anew', () =>
  world.journey('back to the list', async (page) => {
    await openTokens(page)
    const next = page.getByRole('button', { name: 'Next' })
    await next.click()
    await page.getByText('Page 2 of 2').waitFor()
    assert.equal(await next.getAttribute('aria-disabled'), 'true')
    assert.ok(await next.evaluate((button) => button === button.ownerDocument.activeElement))
    await page.setViewportSize({ width: 1280, height: 300 })
    await page.evaluate('window.scrollTo(0, 200)')
    await page.getByRole('link', { name: 'job-62', exact: true }).click()
    await assertArrived(page, 'What job-62 did')
    await page.goBack()
    await page.getByText('Page 2 of 2').waitFor()
    await page.waitForFunction('window.scrollY === 200')

    const search = page.getByLabel('Search tokens')
    await search.fill('job-3')
    await page.getByText('10 of 55 tokens').waitFor()
    await page.waitForURL(/\?q=job-3$/)
    await page.getByRole('link', { name: 'Manage API Tokens' }).first().click()
    await page.getByText('55 tokens', { exact: true }).waitFor()
    assert.equal(await search.inputValue(), '')
    await page.goBack()
    await page.getByText('10 of 55 tokens').waitFor()
    assert.equal(await search.inputValue(), 'job-3')
  }))
