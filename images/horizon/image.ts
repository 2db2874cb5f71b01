import { defineImage } from '../definition.ts'

/** Horizon under uWSGI; Debian's package of it without Apache. */
export default defineImage({
  parent: 'openstack',
  release: 'zed',
  packages: ['openstack-dashboard'],
  // A database of traces, and other ways to compress scripts and to translate templates than those that Horizon uses.
  without: ['python3-calmjs', 'python3-csscompressor', 'python3-enmerkar', 'python3-pymongo'],
  // Horizon offers what its copy of the services' policies allows. That of Keystone is older than Zed in Horizon 23, and would leave the
  // administrator of a project without the panels of people and projects; the others are the services' own, word for word.
  stage: {
    packages: ['python3-keystone'],
    script: `
mkdir -p $OUT/etc/openstack-dashboard/policy/default_policies
python3 $SOURCE/default-policies.py keystone > $OUT/etc/openstack-dashboard/policy/default_policies/keystone.yaml
`,
  },
  script: `
rm -rf /etc/openstack-dashboard/local_settings.d/* /var/lib/openstack-dashboard/secret-key /usr/share/openstack-dashboard/examples
# The package has compressed the static files with its own settings; what ours change of them is nothing.
cd /var/lib/openstack-dashboard/static
# Debian's AngularJS has no angular.lowercase any more, without which its angular-gettext translates nothing.
sed -i 's/angular\\.lowercase(/angular.$$lowercase(/' dashboard/js/output.*.js horizon/lib/angular_gettext/angular-gettext.js
find . -name '*.spec.js' -delete
find . -size +1k \\( -name '*.js' -o -name '*.css' -o -name '*.svg' -o -name '*.html' \\) -exec gzip --keep --no-name -9 {} +
chown -R root:root /var/lib/openstack-dashboard /etc/openstack-dashboard
chmod -R u=rwX,go=rX /var/lib/openstack-dashboard /etc/openstack-dashboard
# They have been copied to the static files.
rm -rf /usr/share/javascript /usr/share/fonts /usr/share/fonts-*
# Sources of translations, of which the compiled ones are used.
find /usr/lib/python3/dist-packages -name '*.po' -delete
`,
})
