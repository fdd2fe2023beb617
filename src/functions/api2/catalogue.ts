/** API 2, which old DNS and mail scripts call: its functions, by hand and in order of their names. None is served yet. */
import type { UapiFunction } from '../uapi/define.ts'

/** Sorted by name. */
export const API2_CATALOGUE: readonly UapiFunction[] = []
