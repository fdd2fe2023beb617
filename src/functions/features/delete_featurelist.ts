import { Failure } from '../../failures.ts'
import { builtInList } from '../../hosting/features.ts'
import { defineWrite } from '../define.ts'
import { placeOfList } from './forms.ts'
import { featureListName } from './lists.ts'

/** The lists that are always there go back to what they were at first. */
export const deleteFeaturelist = defineWrite({
  name: 'delete_featurelist',
  group: 'Features',
  summary: 'Remove a feature list that no package and no account has.',
  source: 'WHM API 1, "Delete feature list"',
  acl: 'add-pkg',
  params: { featurelist: featureListName('The feature list.') },
  failures: ['feature-list-not-found', 'feature-list-in-use'],
  v0: 'none',
  audit: (values) => values.featurelist,
  async run(context, { featurelist }) {
    const { stores } = context
    const { list, mayReplace } = await placeOfList(context, featurelist)
    if (mayReplace !== 'yes') throw new Failure('feature-list-not-found', { list: featurelist })
    if (builtInList(list.name) === undefined) {
      const users = (await stores.packages.list()).filter((found) => found.featureList === list.name)
      if (users.length > 0)
        throw new Failure('feature-list-in-use', { list: list.name, by: `the package “${users[0]?.name}” has it` })
      const accounts = await stores.accounts.countWithFeatureList(list.name)
      if (accounts > 0)
        throw new Failure('feature-list-in-use', { list: list.name, by: `accounts that have it: ${accounts}` })
    }
    await stores.featureLists.remove(list.name)
    return { data: {} }
  },
})
