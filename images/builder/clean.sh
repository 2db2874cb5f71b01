# Removes from a container what no process of the image reads, or what would tell about the machine that built it.
rm -f /usr/sbin/policy-rc.d /usr/local/bin/py3compile
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/lib/dpkg/*-old /var/cache/ldconfig/* /etc/*-
find /var/log -mindepth 1 -delete
rm -rf /usr/share/man /usr/share/info /usr/share/locale /usr/share/lintian /usr/share/bug /usr/share/doc-base /usr/share/groff
# Licences stay.
find /usr/share/doc \( -type f -o -type l \) ! -name copyright -delete 2> /dev/null || true
find /usr/share/doc -mindepth 1 -type d -empty -delete 2> /dev/null || true
# Tests of Python packages. The test helpers that packages import at run time lie in other folders.
find /usr/lib/python3/dist-packages /usr/lib/python3.11 -depth -type d -name tests -exec rm -rf {} + 2> /dev/null || true
: > /etc/machine-id
rm -f /var/lib/dbus/machine-id /root/.wget-hsts
rm -rf /root/.cache /root/.config
# Compiled now, because a read-only root would make each start compile again. Timestamps of the sources are kept by every image format.
if [ -x /usr/bin/python3 ]; then
  python3 -m compileall -q -j 2 /usr/lib/python3/dist-packages /usr/lib/python3.11 > /tmp/compile.log 2>&1 || true
fi
