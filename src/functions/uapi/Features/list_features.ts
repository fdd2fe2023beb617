import { FEATURE_IDS } from '../../../hosting/features.ts'
import { defineUapiRead } from '../define.ts'

export const featuresListFeatures = defineUapiRead({
  module: 'Features',
  function: 'list_features',
  summary: 'Tell for each feature whether the account has it.',
  source: 'UAPI, "List account features"',
  feature: false,
  params: {},
  failures: [],
  run: ({ features }) => ({ data: Object.fromEntries(FEATURE_IDS.map((id) => [id, features.has(id) ? 1 : 0])) }),
})
