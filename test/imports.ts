/** Reads what a source file imports, by the forms that Biome leaves us with. No parser: a line that only looks like one is counted too. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

const STATIC = /^[ \t]*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm
const SIDE_EFFECT = /^[ \t]*import\s*['"]([^'"]+)['"]/gm
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]/g
const TYPES_ONLY = /^[ \t]*(?:import|export)\s+type\b/

export type Import = { readonly specifier: string; readonly typesOnly: boolean }

/** Every `import`, `import type`, `export … from` and `import('…')` with a literal specifier. */
export function importsIn(source: string): readonly Import[] {
  return [STATIC, SIDE_EFFECT, DYNAMIC].flatMap((form) =>
    [...source.matchAll(form)].map(([text, specifier]) => ({
      specifier: specifier ?? '',
      typesOnly: TYPES_ONLY.test(text),
    })),
  )
}

/** Says whether the file is the target or imports it, directly or through files of this repository. */
export function reaches(file: string, target: string, seen: Set<string> = new Set()): boolean {
  if (file === target) return true
  if (seen.has(file) || !existsSync(file)) return false
  seen.add(file)
  return importsIn(readFileSync(file, 'utf8'))
    .filter(({ specifier }) => specifier.startsWith('.'))
    .some(({ specifier }) => reaches(resolve(dirname(file), specifier), target, seen))
}
