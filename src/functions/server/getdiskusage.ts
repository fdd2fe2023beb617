import { defineRead } from '../define.ts'

/** Sizes are KiB. Of the disks that hold files of their own; what the kernel shows as files is left out. */
export const getdiskusage = defineRead({
  name: 'getdiskusage',
  group: 'Server',
  summary: "Tell how full the machine's disks are.",
  source: 'WHM API 1, "Return disk usage information"',
  acl: 'stats',
  params: {},
  failures: [],
  v0: 'plain',
  async run({ services }) {
    const disks = await services.host.disks()
    return {
      data: {
        partition: disks.map(
          ({ device, filesystem, mount, totalBytes, availableBytes, freeBytes, files, freeFiles }) => {
            const [total, available, used] = [totalBytes, availableBytes, totalBytes - freeBytes].map(kib)
            const usedFiles = files - freeFiles
            return {
              available,
              device,
              disk: device.split('/').at(-1) ?? device,
              filesystem,
              inodes_available: freeFiles,
              inodes_ipercentage: percentage(usedFiles, files),
              inodes_total: files,
              inodes_used: usedFiles,
              mount,
              percentage: percentage(totalBytes - freeBytes, totalBytes - freeBytes + availableBytes),
              total,
              used,
            }
          },
        ),
      },
    }
  },
})

function kib(bytes: number): number {
  return Math.floor(bytes / 1024)
}

function percentage(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.ceil((100 * part) / whole)
}
