import { defineRead } from '../define.ts'
import { packageName } from './forms.ts'
import { packageFacts } from './package-facts.ts'
import { loadUsablePackage } from './packages-in-reach.ts'

/** As `listpkgs`, but for CGI and IP, which are numbers here (documented). */
export const getpkginfo = defineRead({
  name: 'getpkginfo',
  group: 'Packages',
  summary: 'Tell what a package holds.',
  source: 'WHM API 1, "Return hosting plan information"',
  acl: 'list-pkgs',
  params: { pkg: packageName('The package.') },
  failures: ['package-not-found'],
  v0: 'none',
  async run({ stores, caller }, { pkg }) {
    const facts = packageFacts(await loadUsablePackage(stores, caller, pkg))
    return { data: { pkg: { ...facts, CGI: facts.CGI === 'y' ? 1 : 0, IP: facts.IP === 'y' ? 1 : 0 } } }
  },
})
