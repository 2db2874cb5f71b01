import { defineImage } from '../definition.ts'

export default defineImage({
  packages: ['tini', 'ca-certificates'],
  env: { HOME: '/var/lib/teruwa', PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
  script: `
groupadd --gid 42424 teruwa
useradd --uid 42424 --gid 42424 --home-dir /var/lib/teruwa --create-home --skel /nonexistent --shell /usr/sbin/nologin --comment Teruwa teruwa
# No process of an image uses init scripts, timers or log rotation; later packages' ones are harmless.
rm -rf /etc/cron.d /etc/cron.daily /etc/logrotate.d /etc/init.d/* /lib/systemd /etc/systemd /etc/apt/sources.list /etc/apt/sources.list.d/*
`,
})
