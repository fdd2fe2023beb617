import { defineRead } from '../define.ts'

/** The only one is the authority that the settings name. */
export const getAutosslProviders = defineRead({
  name: 'get_autossl_providers',
  group: 'Certificates',
  summary: 'Tell which authority gives automatic certificates, and whether it is asked.',
  source: 'WHM API 1, "Return AutoSSL providers"',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  run({ services }) {
    const { isOn, areTermsAgreed, directory, challenge } = services.autoSsl
    const provider = {
      module_name: 'ACME',
      display_name: new URL(directory).hostname,
      enabled: isOn ? 1 : 0,
      specs: {
        DCV_METHODS: [challenge === 'dns-01' ? 'dns' : 'http'],
        MAX_DOMAINS_PER_CERTIFICATE: 100,
        SUPPORTS_ANCESTOR_DCV: 0,
        SUPPORTS_WILDCARD: 0,
      },
      x_directory: directory,
      x_terms_of_service_accepted: areTermsAgreed ? 1 : 0,
    }
    return { data: { payload: [provider] } }
  },
})
