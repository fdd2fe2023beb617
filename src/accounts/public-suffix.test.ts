import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isPublicSuffix } from './public-suffix.ts'

test('names are public suffixes of registries and of companies, as whole names alone', async () => {
  for (const domain of ['co.uk', 'github.io', 'kobe.jp', 'anything.ck', 'xn--gmqw5a.xn--j6w193g'])
    assert.equal(await isPublicSuffix(domain), true, domain)
  for (const domain of ['shop.co.uk', 'me.github.io', 'city.kobe.jp', 'www.ck', 'example.com', 'provider.test'])
    assert.equal(await isPublicSuffix(domain), false, domain)
})
