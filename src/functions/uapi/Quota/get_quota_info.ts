import { defineUapiRead } from '../define.ts'

const MIB = 1024 ** 2

/** A limit of 0 means that there is none (documented). Figures of the disk are at most a minute old. */
export const quotaGetQuotaInfo = defineUapiRead({
  module: 'Quota',
  function: 'get_quota_info',
  summary: 'Tell how much of its disk space the account uses.',
  source: 'UAPI, "Return quota information"',
  feature: false,
  params: {},
  failures: ['host-failed'],
  async run({ account, services }) {
    const { bytes, files } = await services.host.diskUsage(account.home)
    const used = Math.round((100 * bytes) / MIB) / 100
    const limit = account.diskLimitMb ?? 0
    const isUnder = limit === 0 || used < limit ? 1 : 0
    return {
      data: {
        inode_limit: 0,
        inodes_remain: 0,
        inodes_used: files,
        megabyte_limit: limit,
        megabytes_remain: limit === 0 ? 0 : Math.max(0, Math.round(100 * (limit - used)) / 100),
        megabytes_used: used,
        under_inode_limit: 1,
        under_megabyte_limit: isUnder,
        under_quota_overall: isUnder,
      },
    }
  },
})
