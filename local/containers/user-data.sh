#!/bin/sh
# Runs in the guest: a container engine from Debian's packages, an image that is made here, and two containers of it. Lines of "containers:" are for
# whoever reads the console log. @NAMESERVER@, @ARCHIVE@ and @SECURITY@ are filled in.
set -eu
export DEBIAN_FRONTEND=noninteractive HOME=/root
say() { echo "containers: $*"; }

say "Debian $(cat /etc/debian_version), Linux $(uname -r)"
echo 'nameserver @NAMESERVER@' > /etc/resolv.conf
printf 'deb %s main\n' '@ARCHIVE@ bookworm' '@SECURITY@ bookworm-security' > /etc/apt/sources.list
apt-get -qq update
say "installs podman"
apt-get -qq -y --no-install-recommends install podman crun busybox-static > /run/apt.log 2>&1 || { tail -n 20 /run/apt.log; exit 1; }
# There is no D-Bus here by which podman could have systemd make its control groups.
mkdir -p /etc/containers
printf '[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n' > /etc/containers/containers.conf
say "$(podman --version) from Debian's packages"

mkdir -p /run/image/bin /run/image/www /run/image/proc /run/image/etc
cp /bin/busybox /run/image/bin/busybox
for name in sh hostname cat ps httpd; do ln -s busybox "/run/image/bin/$name"; done
echo "a page that a container serves, on $(hostname)" > /run/image/www/index.html
tar -C /run/image -c . | podman --log-level=error import - localhost/demo > /dev/null
say "image $(podman images --format '{{.Repository}} {{.Size}}')"
podman run --rm --network none --hostname inside localhost/demo /bin/sh -c 'echo "containers: in a container: host $(hostname), process 1 is $(cat /proc/1/comm), $(ps | grep -c .) lines of ps"'
podman run --detach --network host localhost/demo /bin/httpd -f -p 80 -h /www > /dev/null
say "running: $(podman ps --format '{{.Image}} {{.Command}} {{.Status}}')"
say done
