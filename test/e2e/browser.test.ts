/** That the harness sees what it is there to see: a check that cannot fail would hold up every page. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
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
})
after(() => world.close())

/** A journey that must fail, with its complaint; its picture is no news. */
async function failureOf(steps: Parameters<World['journey']>[1]): Promise<string> {
  const error = await world.journey('a journey that must fail', steps).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof Error, 'the journey did not fail')
  return error.message
}

test('an error in the console fails a journey, unless the journey expects it', async () => {
  const steps: Parameters<World['journey']>[1] = async (page) => {
    await page.goto('/login/')
    await page.evaluate('console.error("the page is broken")')
  }
  assert.match(await failureOf(steps), /console: the page is broken/)
  await world.journey('expected', async (page, watch) => {
    watch.expect(/the page is broken|401/)
    await steps(page, watch)
  })
})

test('an error that nothing caught fails a journey', async () => {
  const message = await failureOf(async (page) => {
    await page.goto('/login/')
    const thrown = page.waitForEvent('pageerror')
    await page.evaluate('setTimeout(() => { throw new Error("nobody caught it") })')
    await thrown
  })
  assert.match(message, /uncaught: Error: nobody caught it/)
})

test('S5: what the Content-Security-Policy stops fails a journey, and does not run', async () => {
  const message = await failureOf(async (page) => {
    await page.goto('/login/')
    await page.evaluate(`(() => {
      const script = document.createElement('script')
      script.textContent = 'window.planted = 1'
      document.body.append(script)
    })()`)
    assert.equal(await page.evaluate('window.planted ?? null'), null)
  })
  assert.match(message, /console: .*Content Security Policy/)
})

test('a request to another host fails a journey', async () => {
  const message = await failureOf(async (page) => {
    await page.goto('/login/')
    await page.evaluate(`fetch('https://127.0.0.1:9/').catch(() => {})`)
  })
  assert.match(message, /Content Security Policy|another host/)
})

test('axe sees a missing name, weak contrast and a small target, in light and in dark', async () => {
  await world.journey('axe', async (page, watch) => {
    watch.expect(/inline style violates|401/)
    await page.goto('/login/')
    await assertAccessible(page)
    const planted = {
      'button-name': '<button></button>',
      'color-contrast': '<p style="color:#888;background:#777">grey on grey</p>',
      'target-size': '<a href="#a" style="display:block;height:8px;font-size:6px">a</a>'.repeat(3),
    }
    for (const [rule, html] of Object.entries(planted)) {
      await page.evaluate(`document.querySelector('main').insertAdjacentHTML('beforeend', ${JSON.stringify(html)})`)
      // The page's policy drops the attribute, the object's property is its own.
      await page.evaluate(`for (const element of document.querySelectorAll('main [style]'))
        element.style.cssText = element.getAttribute('style')`)
      await assert.rejects(assertAccessible(page), new RegExp(rule))
      await page.reload()
    }
  })
})

test('a page that is wider than its window does not fit', async () => {
  await world.journey(
    'width',
    async (page, watch) => {
      watch.expect(/401/)
      await page.goto('/login/')
      await assertFits(page)
      await page.evaluate(`document.querySelector('main').style.width = '400px'`)
      await page.evaluate(`document.querySelector('main').style.maxWidth = 'none'`)
      await assert.rejects(assertFits(page), /beyond the edge/)
    },
    { viewport: 'narrow' },
  )
})

test('planted text that became markup is seen', async () => {
  await world.journey('planted', async (page, watch) => {
    watch.expect(/Content Security Policy|404|401/)
    await page.goto('/login/')
    await assertNothingPlanted(page)
    for (const text of PLANTED.filter((text) => text.includes('<'))) {
      await page.evaluate(`document.body.insertAdjacentHTML('beforeend', ${JSON.stringify(`<i title="${text}">`)})`)
    }
    await assert.rejects(assertNothingPlanted(page))
  })
})

test('signing in through the page leads behind the security token', async () => {
  await world.journey('sign in', async (page, watch) => {
    watch.expect(/401/)
    await page.goto('/login/')
    await pictureForDocuments(page, 'sign-in')
    await signIn(page)
    assert.match(new URL(page.url()).pathname, /^\/cpsess\d{10}\//)
  })
})
