/** Holds what the pages say to a screen reader against the script that people read, screen-reader.md, in both directions. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Page } from 'playwright-core'
import { openWorld, signIn, type World } from './browser.ts'

let world: World

before(async () => {
  world = await openWorld()
})
after(() => world.close())

/** Each block of the script by its name: what is announced, in order. */
const SCRIPT: ReadonlyMap<string, readonly string[]> = new Map(
  readFileSync(join(import.meta.dirname, 'screen-reader.md'), 'utf8')
    .matchAll(/^```aria (.+)\n([^`]*)^```$/gm)
    .map(([, name = '', lines = '']) => [name, lines.trim().split('\n')]),
)

/** As Chromium's accessibility tree has it, one line an element: `- button "Copy"`. */
async function announced(page: Page): Promise<readonly string[]> {
  const tree = await page.locator('body').ariaSnapshot()
  return tree.split('\n').map((line) => line.trim().replace(/:$/, ''))
}

/** What is missing, or stands in another order; undefined when the page says it all. */
function missingOf(script: readonly string[], said: readonly string[]): string | undefined {
  let at = 0
  for (const line of script) {
    const found = said.indexOf(line, at)
    if (found === -1) return line
    at = found + 1
  }
  return undefined
}

test('a line that is missing or out of order is found', () => {
  assert.equal(missingOf(['- a', '- c'], ['- a', '- b', '- c']), undefined)
  assert.equal(missingOf(['- c', '- a'], ['- a', '- b', '- c']), '- a')
  assert.equal(missingOf(['- a', '- a'], ['- a', '- b']), '- a')
})

test('ui 43: create, copy, edit and revoke are announced as the screen-reader script says, and all of the script is', () =>
  world.journey('screen-reader', async (page) => {
    const open = new Set(SCRIPT.keys())
    const holds = async (name: string): Promise<void> => {
      const script = SCRIPT.get(name) ?? assert.fail(`the script has no “${name}”`)
      const deadline = Date.now() + 15_000
      let said = await announced(page)
      while (missingOf(script, said) !== undefined && Date.now() < deadline) said = await announced(page)
      assert.equal(
        missingOf(script, said),
        undefined,
        `${name}: not announced, or not in this order:\n${said.join('\n')}`,
      )
      open.delete(name)
    }
    const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).first().click()

    await signIn(page)
    await page.getByRole('link', { name: 'Manage API Tokens' }).first().click()
    await holds('the list')
    await page.getByRole('link', { name: 'Generate Token' }).first().click()
    await page.getByRole('button', { name: /^DNS-01/ }).click()
    await page.getByLabel('Name').fill('bad name')
    await page.getByLabel('IP addresses').fill('192.0.2.0/24\n010.0.0.1')
    await holds('the form')
    await press('Review')
    await holds('what is missing')
    await page.getByLabel('Name').fill('dns-01')
    await page.getByLabel('IP addresses').fill('192.0.2.0/24')
    await press('Review')
    await holds('the review')
    await press('Generate')
    await holds('the secret')
    await press('Copy')
    await holds('copied')
    await press('Yes, I saved my token')
    await page.getByRole('link', { name: 'Edit dns-01' }).click()
    await page.getByLabel('IP addresses').fill('10.5.3.0/24')
    await press('Review')
    await holds('the difference')
    await press('Save changes')
    await holds('saved')
    await page.getByRole('button', { name: 'More for dns-01' }).click()
    await holds('the menu')
    await page.getByRole('menuitem', { name: 'Revoke…' }).click()
    await holds('the question')
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click()
    await holds('revoked')
    assert.deepEqual([...open], [], 'these parts of the script were held against no page')
  }))
