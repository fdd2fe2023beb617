/**
 * Builds the pages into `web/dist`: run by the server when they are missing or older than their source, or by hand for a machine that
 * has no development packages. The new files take the place of the old ones in one step, so that a server never shows half of them.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { PAGE_PATHS } from './page-paths.ts'

const root = import.meta.dirname
const finished = join(root, 'dist')
const making = join(root, `dist.new-${process.pid}`)
const replaced = join(root, `dist.old-${process.pid}`)

/** The server puts a fresh value here into each page it sends, and into that page's policy. */
const NONCE_PLACE = 'POSTERN-STYLE-NONCE'

async function bundle(): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [react()],
    html: { cspNonce: NONCE_PLACE },
    build: {
      outDir: making,
      emptyOutDir: true,
      target: 'es2023',
      // The policy allows no data: URL.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 900,
    },
  })
}

const COMPRESSED = new Set(['.js', '.css', '.svg'])

/** Beside each file its compressed forms, so that nothing is compressed while somebody waits. */
async function compress(): Promise<void> {
  const folder = join(making, 'assets')
  for (const name of await readdir(folder)) {
    if (!COMPRESSED.has(extname(name))) continue
    const bytes = await readFile(join(folder, name))
    await writeFile(join(folder, `${name}.gz`), await promisify(gzip)(bytes, { level: 9 }))
    await writeFile(join(folder, `${name}.br`), await promisify(brotliCompress)(bytes))
  }
}

try {
  await mkdir(making, { recursive: true })
  await bundle()
  await compress()
  await writeFile(join(making, 'paths.json'), JSON.stringify(PAGE_PATHS))
  await rename(finished, replaced).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
  await rename(making, finished)
} finally {
  await rm(making, { recursive: true, force: true })
  await rm(replaced, { recursive: true, force: true })
}
