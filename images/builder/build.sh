#!/bin/sh
# Runs as root in the container that becomes an image. /run/build is mounted from the building machine, on a tmpfs: none of it stays.
set -eu
umask 022
export DEBIAN_FRONTEND=noninteractive LC_ALL=C APT_CONFIG=/run/build/apt/apt.conf PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
[ ! -f /run/build/apt/proxy.sh ] || . /run/build/apt/proxy.sh
mkdir -p /run/apt
# No package may start anything.
mkdir -p /usr/sbin
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d

# Packages compile their Python modules one package after the other; clean.sh does all of them at once, without their tests.
printf '#!/bin/sh\nexit 0\n' > /usr/local/bin/py3compile
chmod 755 /usr/local/bin/py3compile

# An empty package that provides what is left out on purpose.
if [ -s /run/build/image/without ]; then
  mkdir -p /run/without/DEBIAN
  name=$(cat /run/build/image/name)
  {
    echo "Package: teruwa-$name-without"
    echo "Version: 1"
    echo "Architecture: all"
    echo "Maintainer: Teruwa"
    echo "Provides: $(sed 's/$/ (= 99:0)/' /run/build/image/without | paste -sd, | sed 's/,/, /g')"
    echo "Description: stands for packages that the image $name does without"
  } > /run/without/DEBIAN/control
  dpkg-deb --build /run/without /run/without.deb > /dev/null
  dpkg --log=/dev/null --install /run/without.deb
fi

packages=$(cat /run/build/image/packages)
if [ -n "$packages" ] || [ -f /run/build/image/upgrade ]; then
  # Lists and downloads are shared by all builds, so one at a time fetches; with them there, nothing needs a lock.
  exec 9> /run/build/archives/fetch.lock
  flock 9
  if [ ! -e /run/build/lists/updated ]; then
    apt-get -qq update
    touch /run/build/lists/updated
  fi
  what="install $packages"
  [ ! -f /run/build/image/upgrade ] || what="dist-upgrade $packages"
  # shellcheck disable=SC2086
  apt-get -qq -y --download-only $what
  exec 9>&-
  # shellcheck disable=SC2086
  apt-get -qq -y --no-download $what
fi

[ ! -d /run/build/files ] || cp -r /run/build/files/. /
[ ! -d /run/build/generated ] || cp -r /run/build/generated/. /
sh -eu /run/build/image/script.sh
[ "${1:-}" = stage ] || sh -eu /run/build/builder/clean.sh
