import { Failure } from '../../failures.ts'
import { defineWrite } from '../define.ts'
import { packageName } from './forms.ts'
import { loadOwnPackage } from './packages-in-reach.ts'

/** The package `default`, once edited, goes back to what it was at first. */
export const killpkg = defineWrite({
  name: 'killpkg',
  group: 'Packages',
  summary: 'Remove a package that no account is on.',
  source: 'WHM API 1, "Delete hosting plan"',
  acl: 'add-pkg',
  params: { pkgname: packageName('The package.', ['pkg']) },
  failures: ['package-not-found', 'package-in-use'],
  v0: 'result',
  audit: (values) => values.pkgname,
  async run({ stores, caller }, { pkgname }) {
    const found = await loadOwnPackage(stores, caller, pkgname)
    const accounts = await stores.accounts.countOnPlan(found.name)
    if (accounts > 0) throw new Failure('package-in-use', { package: found.name, accounts })
    await stores.packages.remove(found.name)
    return { data: {} }
  },
})
