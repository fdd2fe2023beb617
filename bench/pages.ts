/**
 * The pages in Debian's Chromium: what the first page loads and when it can be used, and the list of 10,000 tokens. Needs a display of
 * nothing; `POSTERN_CHROMIUM` names another browser.
 */
import { type Browser, chromium, type Page } from 'playwright-core'
import { buildWebIfStale } from '../src/server/web-build.ts'
import { PASSWORD, prepareFolder, startPostern } from './servers.ts'

const TOKENS = 10_000
const TURNS = 5

type Print = (line: string) => void
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** Milliseconds from the navigation's start until the heading is shown. */
async function untilHeading(page: Page, url: string, heading: string): Promise<number> {
  const began = performance.now()
  await page.goto(url, { waitUntil: 'commit' })
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  return performance.now() - began
}

/** Milliseconds from a key until the frame with its result, inside the page: the driver's own way is not counted. */
const TYPING = `(async () => {
  const field = document.querySelector('input[type=search][aria-label="Search tokens"]')
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set
  const frame = () => new Promise((next) => requestAnimationFrame(() => setTimeout(next)))
  const times = []
  for (const text of ['b', 'be', 'ben', 'benc', 'bench-9', 'bench-99', 'bench-999', 'bench-99', 'bench-9', '']) {
    const began = performance.now()
    set.call(field, text)
    field.dispatchEvent(new InputEvent('input', { bubbles: true }))
    const wanted = text
    const isDone = () => [...document.querySelectorAll('tbody th a')].every((row) => row.textContent.includes(wanted))
    do await frame()
    while (!isDone())
    times.push(performance.now() - began)
  }
  return times
})()`

/** A server with that many tokens, and a browser that is signed in there; `home` is the address of its first page. */
async function withTokens(
  browser: Browser,
  count: number,
  measure: (page: Page, home: string) => Promise<void>,
): Promise<void> {
  const prepared = await prepareFolder(count)
  const server = await startPostern(prepared.folder)
  try {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 800 } })
    const page = await context.newPage()
    await page.goto(`${server.url}/login/`)
    await page.getByLabel('User name').fill('root')
    await page.getByLabel('Password').fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(/\/cpsess\d+\//)
    await measure(page, page.url())
  } finally {
    await server.stop()
    await prepared.remove()
  }
}

async function firstLoad(browser: Browser, page: Page, home: string, print: Print): Promise<void> {
  const sizes = `performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js')).map((entry) => entry.encodedBodySize)`
  const firstMs: number[] = []
  let scriptBytes = 0
  for (let turn = 0; turn < TURNS; turn += 1) {
    // A context of its own has nothing kept from before.
    const storageState = await page.context().storageState()
    const fresh = await browser.newContext({ ignoreHTTPSErrors: true, storageState })
    const first = await fresh.newPage()
    firstMs.push(await untilHeading(first, home, 'Home'))
    scriptBytes = ((await first.evaluate(sizes)) as number[]).reduce((sum, bytes) => sum + bytes, 0)
    await fresh.close()
  }
  print(`first load: ${Math.round(scriptBytes / 1024)} KiB of script over the wire (goal under 300)`)
  print(`first load: can be used after ${Math.round(median(firstMs))} ms (goal under 1000)`)
}

async function manyTokens(page: Page, home: string, print: Print): Promise<void> {
  const rowsMs: number[] = []
  for (let turn = 0; turn < TURNS; turn += 1) {
    const began = performance.now()
    await page.goto(`${home}tokens`, { waitUntil: 'commit' })
    await page.getByRole('rowheader').first().waitFor()
    rowsMs.push(performance.now() - began)
  }
  print(`${TOKENS} tokens: first rows after ${Math.round(median(rowsMs))} ms (goal under 1000)`)
  const typedMs: number[] = []
  for (let turn = 0; turn < TURNS; turn += 1) typedMs.push(...((await page.evaluate(TYPING)) as number[]))
  const slowest = typedMs.sort((a, b) => b - a)
  print(
    `${TOKENS} tokens: of ${typedMs.length} keys one filters in ${Math.round(median(typedMs))} ms, the three slowest in ${slowest.slice(0, 3).map(Math.round).join(', ')} ms (goal under 50)`,
  )
}

/** Prints a line a part: the median time, and the goal. */
export async function measurePages(print: Print): Promise<void> {
  await buildWebIfStale(print).done
  const browser = await chromium.launch({
    executablePath: process.env.POSTERN_CHROMIUM ?? '/usr/bin/chromium',
    chromiumSandbox: process.getuid?.() !== 0,
    args: ['--disable-gpu', '--disable-background-networking', '--no-first-run'],
  })
  try {
    await withTokens(browser, 10, (page, home) => firstLoad(browser, page, home, print))
    await withTokens(browser, TOKENS, (page, home) => manyTokens(page, home, print))
  } finally {
    await browser.close()
  }
}

if (import.meta.main) await measurePages((line) => void process.stdout.write(`${line}\n`))
