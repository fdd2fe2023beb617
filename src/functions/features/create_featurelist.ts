import { Failure } from '../../failures.ts'
import { flag, optional } from '../../whm/params.ts'
import { defineWrite } from '../define.ts'
import { featureFlags, featuresFrom, placeOfList } from './forms.ts'
import { featureListName } from './lists.ts'

/** Every feature that the call does not name is off in it (documented). */
export const createFeaturelist = defineWrite({
  name: 'create_featurelist',
  group: 'Features',
  summary: 'Create a feature list out of the features named with 1.',
  source: 'WHM API 1, "Create feature list"',
  acl: 'add-pkg',
  params: {
    featurelist: featureListName('Its name; one that a reseller makes bears the name of the reseller in front.'),
    overwrite: optional(flag({ doc: '1 replaces a list of that name.' })),
    features: featureFlags('FEATURE=1 for each feature that is on, such as changemx=1.'),
  },
  failures: ['feature-list-taken'],
  v0: 'none',
  audit: (values) => values.featurelist,
  async run(context, { featurelist, overwrite, features }) {
    const { stores, note, now } = context
    const { list, mayReplace } = await placeOfList(context, featurelist)
    if (mayReplace === 'no' || (mayReplace === 'yes' && !overwrite))
      throw new Failure('feature-list-taken', { list: list.name })
    await stores.featureLists.save({ ...list, features: featuresFrom(features) }, now)
    note('feature_list', list.name)
    return { data: { featurelist: list.name } }
  },
})
