import { defineRead } from '../define.ts'
import { listFeatureListsInReach } from './lists.ts'

export const getFeaturelists = defineRead({
  name: 'get_featurelists',
  group: 'Features',
  summary: 'List the names of the feature lists: all for root, their own for a reseller.',
  source: 'WHM API 1, "Return current user\'s available feature lists"',
  acl: ['add-pkg', 'edit-pkg'],
  params: {},
  failures: [],
  v0: 'none',
  async run(context) {
    return { data: { featurelists: (await listFeatureListsInReach(context)).map(({ name }) => name) } }
  },
})
