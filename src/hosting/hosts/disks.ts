/** How full the machine's disks are. */
import { readFile, statfs } from 'node:fs/promises'
import type { Disk } from '../host.ts'

/** Everything with a device of its own; without the kernel's list (not Linux) the disk of the folder alone. */
export async function listDisks(folder: string): Promise<readonly Disk[]> {
  const table = await readFile('/proc/self/mounts', 'utf8').catch(() => '')
  const mounts = table === '' ? [{ device: folder, mount: folder, filesystem: '' }] : await mountsIn(table, folder)
  const disks = await Promise.all(mounts.map(diskAt))
  return disks.filter((disk) => disk !== undefined)
}

type Mount = Pick<Disk, 'device' | 'mount' | 'filesystem'>

/** One for each device, the first place where it is mounted; if none of them has the folder, the folder's own too. */
async function mountsIn(table: string, folder: string): Promise<readonly Mount[]> {
  const all = table.split('\n').flatMap((line) => {
    const [device, mount, filesystem] = line.split(' ').map(unescaped)
    return device === undefined || mount === undefined || filesystem === undefined
      ? []
      : [{ device, mount, filesystem }]
  })
  const onDevices = all.filter(({ device }) => device.startsWith('/dev/'))
  const firstOf = new Map(onDevices.toReversed().map((mount) => [mount.device, mount]))
  const chosen = onDevices.filter((mount) => firstOf.get(mount.device) === mount)
  const own = holderOf(all, folder)
  return own === undefined || chosen.some(({ device }) => device === own.device) ? chosen : [...chosen, own]
}

/** The mount with the longest path that the folder lies below; of two in one place the later covers the earlier. */
function holderOf(mounts: readonly Mount[], folder: string): Mount | undefined {
  const above = mounts.filter(({ mount }) => mount === '/' || folder === mount || folder.startsWith(`${mount}/`))
  return above.reduce<Mount | undefined>(
    (best, mount) => (best === undefined || mount.mount.length >= best.mount.length ? mount : best),
    undefined,
  )
}

/** The kernel writes blanks and the like as three octal digits. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

/** A place that cannot be asked, such as one behind a closed folder, is left out. */
async function diskAt(mount: Mount): Promise<Disk | undefined> {
  const stat = await statfs(mount.mount).catch(() => undefined)
  if (stat === undefined || stat.blocks === 0) return undefined
  return {
    ...mount,
    totalBytes: stat.blocks * stat.bsize,
    freeBytes: stat.bfree * stat.bsize,
    availableBytes: stat.bavail * stat.bsize,
    files: stat.files,
    freeFiles: stat.ffree,
  }
}
