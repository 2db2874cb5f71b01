/** What differs between OpenStack releases, as data: no engine asks for a release by its name. */
export interface Release {
  readonly name: string
  /** WSGI entry point of each API, as Debian's packages of the release install it. */
  readonly wsgi: Readonly<Record<'keystone' | 'glance' | 'placement' | 'nova' | 'novaMetadata' | 'neutron' | 'horizon' | 'cinder', string>>
}
