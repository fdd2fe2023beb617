import { defineRead } from '../define.ts'
import { listFeatureListsInReach } from './lists.ts'

/** The older name of `get_featurelists`, which programs in use still call. */
export const getfeaturelist = defineRead({
  name: 'getfeaturelist',
  group: 'Features',
  summary: 'List the names of the feature lists, as get_featurelists does.',
  source: 'WHM API 1, getfeaturelist',
  acl: ['add-pkg', 'edit-pkg'],
  params: {},
  failures: [],
  v0: 'list',
  async run(context) {
    return { data: { featurelists: (await listFeatureListsInReach(context)).map(({ name }) => name) } }
  },
})
