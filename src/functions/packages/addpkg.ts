import { Failure } from '../../failures.ts'
import type { Outcome } from '../../whm/reply.ts'
import type { WriteContext } from '../context.ts'
import { defineWrite } from '../define.ts'
import { newPackage, type PackageValues, packageName, packageParams, placeOfNew, withValues } from './forms.ts'
import { assertMayPack, countsOfNew, withoutMoreDomains } from './package-gates.ts'
import { findPackage } from './packages-in-reach.ts'

export const addpkg = defineWrite({
  name: 'addpkg',
  group: 'Packages',
  summary: 'Create a package; one that a reseller makes bears the name of the reseller in front.',
  source: 'WHM API 1, "Create hosting plan"',
  acl: 'add-pkg',
  params: { name: packageName('Its name, which never changes.', ['pkgname']), ...packageParams },
  failures: ['package-taken', 'feature-list-not-found', 'privilege-not-held'],
  v0: 'result',
  audit: (values) => values.name,
  async run(context, values) {
    const { name } = await placeOfNew(context, values.name)
    if ((await findPackage(context.stores, name)) !== undefined) throw new Failure('package-taken', { package: name })
    return makePackage(context, values.name, values)
  },
})

/** Makes and keeps it, whatever was there under its name. */
export async function makePackage(context: WriteContext, asked: string, values: PackageValues): Promise<Outcome> {
  const { name, ownerId } = await placeOfNew(context, asked)
  const usual = newPackage(name, ownerId)
  // What the caller may not give is not even a default.
  const before = { ...usual, limits: countsOfNew(context, usual.limits) }
  const { made, warnings } = withoutMoreDomains(context, before, await withValues(context, before, values))
  assertMayPack(context, before, made)
  await context.stores.packages.save(made, context.now)
  context.note('package', name)
  return packageOutcome(name, `Package ${name} was created.`, warnings)
}

/** Old clients find the name beside the status, and warnings in the log. */
export function packageOutcome(name: string, statusmsg: string, warnings: readonly string[]): Outcome {
  const rawout = warnings.join('\n')
  return { data: { pkg: name }, warnings, dataOfV0: { result: [{ status: 1, statusmsg, rawout, pkg: name }] } }
}
