/** API 2, which old DNS and mail scripts call: its functions, by hand and in order of their names. */
import type { Api2Function } from './define.ts'
import { zoneEditFetchzones } from './ZoneEdit/fetchzones.ts'

/** Sorted by name. */
export const API2_CATALOGUE: readonly Api2Function[] = [zoneEditFetchzones]
