import { DISABLED_LIST, FEATURES, listHolds } from '../../hosting/features.ts'
import { defineRead } from '../define.ts'
import { featureListName, findList, loadFeatureList } from './lists.ts'

export const getFeaturelistData = defineRead({
  name: 'get_featurelist_data',
  group: 'Features',
  summary: 'Tell for each feature whether a feature list holds it, and whether it is off for everybody.',
  source: 'WHM API 1, "Return feature list configuration"',
  acl: ['add-pkg', 'edit-pkg'],
  params: { featurelist: featureListName('The feature list.') },
  failures: ['feature-list-not-found'],
  v0: 'none',
  async run(context, { featurelist }) {
    const list = await loadFeatureList(context, featurelist)
    const disabled = await findList(context.stores, DISABLED_LIST)
    const isDisabled = (id: string): boolean => disabled !== undefined && listHolds(disabled, id)
    const features = Object.entries(FEATURES).map(([id, name]) => ({
      id,
      name,
      value: listHolds(list, id) ? 1 : 0,
      is_disabled: isDisabled(id) ? 1 : 0,
    }))
    return { data: { featurelist: list.name, features } }
  },
})
