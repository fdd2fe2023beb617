/** API 2, which old DNS and mail scripts call: its functions, by hand and in order of their names. */
import type { Api2Function } from './define.ts'
import { emailAddpop } from './Email/addpop.ts'
import { emailDelpop } from './Email/delpop.ts'
import { emailListpops } from './Email/listpops.ts'
import { emailListpopswithdisk } from './Email/listpopswithdisk.ts'
import { zoneEditAddZoneRecord } from './ZoneEdit/add_zone_record.ts'
import { zoneEditEditZoneRecord } from './ZoneEdit/edit_zone_record.ts'
import { zoneEditFetchzone } from './ZoneEdit/fetchzone.ts'
import { zoneEditFetchzoneRecords } from './ZoneEdit/fetchzone_records.ts'
import { zoneEditFetchzones } from './ZoneEdit/fetchzones.ts'
import { zoneEditRemoveZoneRecord } from './ZoneEdit/remove_zone_record.ts'

/** Sorted by name. */
export const API2_CATALOGUE: readonly Api2Function[] = [
  emailAddpop,
  emailDelpop,
  emailListpops,
  emailListpopswithdisk,
  zoneEditAddZoneRecord,
  zoneEditEditZoneRecord,
  zoneEditFetchzone,
  zoneEditFetchzoneRecords,
  zoneEditFetchzones,
  zoneEditRemoveZoneRecord,
]
