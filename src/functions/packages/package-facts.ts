/** A package as `listpkgs` and `getpkginfo` show it. No I/O. */
import type { Package } from '../../hosting/packages.ts'

/** WHM's keys of a package. Values are texts, as panels compare them. */
export function packageFacts(found: Package) {
  const limit = (name: string): string => found.limits[name] ?? 'unlimited'
  const yesNo = (isOn: boolean): 'y' | 'n' => (isOn ? 'y' : 'n')
  return {
    BWLIMIT: sizeText(found.bandwidthLimitMb),
    CGI: yesNo(found.limits.HASCGI !== '0'),
    CPMOD: found.theme,
    DIGESTAUTH: yesNo(found.hasDigestAuth),
    FEATURELIST: found.featureList,
    HASSHELL: yesNo(found.hasShell),
    IP: yesNo(found.hasDedicatedIp),
    LANG: found.locale,
    MAXADDON: limit('MAXADDON'),
    MAXFTP: limit('MAXFTP'),
    MAXLST: limit('MAXLST'),
    MAXPARK: limit('MAXPARK'),
    MAXPASSENGERAPPS: limit('MAXPASSENGERAPPS'),
    MAXPOP: limit('MAXPOP'),
    MAXSQL: limit('MAXSQL'),
    MAXSUB: limit('MAXSUB'),
    MAX_DEFER_FAIL_PERCENTAGE: limit('MAX_DEFER_FAIL_PERCENTAGE'),
    MAX_EMAILACCT_QUOTA: limit('MAX_EMAILACCT_QUOTA'),
    MAX_EMAIL_PER_HOUR: limit('MAX_EMAIL_PER_HOUR'),
    MAX_TEAM_USERS: limit('MAX_TEAM_USERS'),
    QUOTA: sizeText(found.diskLimitMb),
    _PACKAGE_EXTENSIONS: found.extensions,
    name: found.name,
  }
}

function sizeText(sizeMb: number | undefined): string {
  return sizeMb === undefined ? 'unlimited' : String(sizeMb)
}
