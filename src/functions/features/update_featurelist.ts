import { Failure } from '../../failures.ts'
import { FEATURE_IDS } from '../../hosting/features.ts'
import { defineWrite } from '../define.ts'
import { featureFlags, featuresFrom, placeOfList } from './forms.ts'
import { featureListName } from './lists.ts'

/** Replaces the whole list, as documented; what accounts on it may do changes with their next call. */
export const updateFeaturelist = defineWrite({
  name: 'update_featurelist',
  group: 'Features',
  summary: 'Replace the features of a list by those named with 1; a list that does not exist is created.',
  source: 'WHM API 1, "Update feature list"',
  acl: ['add-pkg', 'edit-pkg'],
  params: {
    featurelist: featureListName('The feature list.'),
    features: featureFlags('FEATURE=1 for each feature that is on; every other one is off afterwards.'),
  },
  failures: ['feature-list-taken'],
  v0: 'none',
  audit: (values) => values.featurelist,
  async run(context, { featurelist, features }) {
    const { list, mayReplace } = await placeOfList(context, featurelist)
    if (mayReplace === 'no') throw new Failure('feature-list-taken', { list: list.name })
    await context.stores.featureLists.save({ ...list, features: featuresFrom(features) }, context.now)
    context.note('feature_list', list.name)
    const named = [...features]
    const number = ([name, isOn]: readonly [string, boolean]) => [name, isOn ? 1 : 0] as const
    return {
      data: {
        featurelist: list.name,
        updated_features: Object.fromEntries(named.filter(([name]) => FEATURE_IDS.includes(name)).map(number)),
        invalid_features: [],
      },
    }
  },
})
