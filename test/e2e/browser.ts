/**
 * Debian's Chromium in front of a real server, for the journeys in this folder. Each journey has a browser profile of its own, and
 * fails for what a person would only see by chance: an error in the console, a report of the Content-Security-Policy, a request to
 * another host. A journey that fails leaves a picture of its page.
 */
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import axe from 'axe-core'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { buildWebIfStale, WEB_FOLDER } from '../../src/server/web-build.ts'
import { openWebFiles } from '../../src/server/web-files.ts'
import { ROOT_PASSWORD, startTestServer, type TestServer, type TestServerOptions } from '../start-server.ts'

/** Where Debian's package puts it, unless another is named (as in `test/run.ts`). */
const CHROMIUM = process.env.POSTERN_CHROMIUM ?? '/usr/bin/chromium'

const PICTURES_OF_FAILURES = join(tmpdir(), 'postern-e2e')
const DOCUMENTS = resolve(import.meta.dirname, '../../docs/images')

/** Long enough for a busy machine; each wait ends as soon as what it waits for is there. */
const WAIT_MS = 15_000

const WIDE = { width: 1280, height: 800 }
/** The narrowest window that the pages have to fit: 1280 px at 400 %. */
const NARROW = { width: 320, height: 640 }

export type World = {
  readonly server: TestServer
  /** Runs one journey in a fresh profile; checks at its end what the page must never have done. */
  journey(name: string, steps: (page: Page, watch: Watch) => Promise<void>, options?: JourneyOptions): Promise<void>
  close(): Promise<void>
}

export type JourneyOptions = {
  readonly viewport?: 'wide' | 'narrow'
} & Pick<BrowserContextOptions, 'colorScheme' | 'forcedColors' | 'timezoneId' | 'permissions'>

/** What a page said and asked for while nobody looked. */
export type Watch = {
  /** Complaints that match are meant to be there, such as a refused sign-in's 401. */
  expect(complaint: RegExp): void
  readonly complaints: readonly string[]
}

/** A server on a fresh folder and one Chromium, for the tests of a file. `close` ends both. */
export async function openWorld(options: TestServerOptions = {}): Promise<World> {
  const build = buildWebIfStale((line) => console.error(line))
  const server = await startTestServer({ web: openWebFiles(WEB_FOLDER, build.done), ...options })
  const browser = await launch().catch(async (error: unknown) => {
    await server.close()
    throw error
  })
  return {
    server,
    journey: (name, steps, more = {}) => journey(browser, server, name, steps, more),
    async close() {
      await browser.close()
      await server.close()
    },
  }
}

function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    // Chromium's own sandbox refuses to run as root, which CI is.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

async function journey(
  browser: Browser,
  server: TestServer,
  name: string,
  steps: (page: Page, watch: Watch) => Promise<void>,
  { viewport = 'wide', ...more }: JourneyOptions,
): Promise<void> {
  const context = await browser.newContext({
    baseURL: server.url,
    ignoreHTTPSErrors: true,
    locale: 'en-GB',
    reducedMotion: 'reduce',
    viewport: viewport === 'wide' ? WIDE : NARROW,
    ...more,
  })
  context.setDefaultTimeout(WAIT_MS)
  const watch = watchOver(context, server.url)
  const page = await context.newPage()
  try {
    await steps(page, watch)
    watch.assertQuiet()
  } catch (error) {
    await pictureOfFailure(page, name)
    throw error
  } finally {
    await context.close()
  }
}

async function pictureOfFailure(page: Page, name: string): Promise<void> {
  await mkdir(PICTURES_OF_FAILURES, { recursive: true })
  const path = join(PICTURES_OF_FAILURES, `${name.replaceAll(/[^a-z0-9]+/gi, '-')}.png`)
  // A page that is already gone leaves no picture; the failure itself matters more.
  await page.screenshot({ path, fullPage: true }).then(
    () => console.error(`the page as it was: ${path} (${page.url().replace(/cpsess\d+/, 'cpsess…')})`),
    () => {},
  )
}

function watchOver(context: BrowserContext, url: string): Watch & { assertQuiet(): void } {
  const complaints: string[] = []
  const expected: RegExp[] = []
  const complain = (text: string): void => {
    if (!expected.some((pattern) => pattern.test(text))) complaints.push(text)
  }
  context.on('console', (message) => {
    // Chromium reports what a Content-Security-Policy stopped as an error in the console.
    if (message.type() === 'error') complain(`console: ${message.text()} (${message.location().url})`)
  })
  context.on('weberror', (error) => complain(`uncaught: ${error.error().stack ?? error.error().message}`))
  context.on('request', (request) => {
    const asked = new URL(request.url())
    if (!['data:', 'blob:', 'about:'].includes(asked.protocol) && asked.origin !== url)
      complain(`another host: ${request.url()}`)
  })
  return {
    complaints,
    expect: (pattern) => void expected.push(pattern),
    assertQuiet: () => assert.deepEqual(complaints, [], 'what the page complained of'),
  }
}

/** Signs in through the page, as a person does, and waits for the page behind it. */
export async function signIn(page: Page, user = 'root', password = passwordOf(user)): Promise<void> {
  await page.goto('/login/')
  await page.getByLabel('User name', { exact: true }).fill(user)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL(/\/cpsess\d{10}\//)
}

function passwordOf(user: string): string {
  return user === 'root' ? ROOT_PASSWORD : `pass-of-${user}-1`
}

/** What is wrong with the page for people who use it by ear, keyboard or magnifier, in light and in dark; nothing, if all is well. */
export async function assertAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    assert.deepEqual(await accessibilityProblems(page), [], `axe, ${colorScheme}: ${await page.title()}`)
  }
  await page.emulateMedia({ colorScheme: null })
}

async function accessibilityProblems(page: Page): Promise<readonly string[]> {
  // Through the debugger, which the page's policy does not concern.
  await page.evaluate(axe.source)
  const options = JSON.stringify({ resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } })
  const result = (await page.evaluate(`axe.run(document, ${options})`)) as axe.AxeResults
  return result.violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html} ${node.any.map((check) => check.message).join('; ')}`),
  )
}

/** The page is no wider than its window: nothing has to be scrolled sideways (but inside a part that scrolls by itself). */
export async function assertFits(page: Page): Promise<void> {
  const tooWide = await page.evaluate(`(() => {
    const limit = document.documentElement.clientWidth
    if (document.documentElement.scrollWidth <= limit) return []
    const beyond = [...document.body.querySelectorAll('*')].filter((element) => {
      const { left, right } = element.getBoundingClientRect()
      return right > limit + 1 || left < -1
    })
    return ['the page', ...beyond.slice(0, 5).map((element) => element.outerHTML.slice(0, 200))]
  })()`)
  assert.deepEqual(tooWide, [], 'what reaches beyond the edge')
}

/** Texts that would do something if a page took them for markup, a template or a link. Each sets `planted` when it runs. */
export const PLANTED: readonly string[] = [
  '<script>window.planted=1</script>',
  '"><img src=x onerror=window.planted=2>',
  "'><svg onload=window.planted=3>",
  '</textarea><script>window.planted=4</script>',
  '{{1234*5678}}',
  'javascript:window.planted=5',
  'left\u202eright',
]

/** Nothing of `PLANTED` ran, and none of it became an element. */
export async function assertNothingPlanted(page: Page): Promise<void> {
  const found = await page.evaluate(`({
    ran: window.planted ?? null,
    elements: document.querySelectorAll('img[src="x"], svg[onload], [onerror], [href^="javascript:"]').length,
    calculated: document.body.innerText.includes('7006652'),
  })`)
  assert.deepEqual(found, { ran: null, elements: 0, calculated: false })
}

/** A picture for the documents, made anew when POSTERN_PICTURES=1 is set; otherwise nothing is written. */
export async function pictureForDocuments(page: Page, name: string): Promise<void> {
  if (process.env.POSTERN_PICTURES !== '1') return
  await mkdir(DOCUMENTS, { recursive: true })
  // The look may just have been changed, which some components do by and by.
  await page.screenshot({ path: join(DOCUMENTS, `${name}.png`), animations: 'disabled' })
}
