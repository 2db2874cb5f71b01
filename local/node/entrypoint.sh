#!/bin/bash
# What a node of the embedded Kubernetes runs, under tini as PID 1. (PID 1 must reap: pods with hostPID leave
# processes to it, and libvirt hangs for 40 s on each one that is not reaped.)
# Wants: NODE_ADDRESS, NODE_GATEWAY (management network), POD_SUBNET (of the whole cluster), NODE_DNS (upstream servers, may be empty).
set -euo pipefail

# Mounts that pods propagate to the node must reach other pods.
mount --make-rshared /
mount -o remount,rw /sys

cgroups() {
  if [[ -f /sys/fs/cgroup/cgroup.controllers ]]; then
    mount -o remount,rw /sys/fs/cgroup
    # cgroup v2 wants no process beside child groups that have controllers.
    mkdir -p /sys/fs/cgroup/init
    xargs -rn1 < /sys/fs/cgroup/cgroup.procs > /sys/fs/cgroup/init/cgroup.procs 2> /dev/null || true
    sed -e 's/ / +/g' -e 's/^/+/' < /sys/fs/cgroup/cgroup.controllers > /sys/fs/cgroup/cgroup.subtree_control
  else
    # cgroup v1: one mount for each controller, each its own namespace's root.
    local target
    while read -r _ target _; do
      mount -o remount,rw,bind "$target"
    done < <(awk '$3 == "cgroup" || $3 == "cgroup2"' /proc/mounts)
  fi
}

network() {
  # The provider network's interface belongs to Neutron: Docker gave it an address, and perhaps the default route.
  if ip link show eth1 > /dev/null 2>&1; then
    ip address flush dev eth1
    ip link set eth1 up
  fi
  if ! ip -4 -o address show dev eth0 | grep -qF " $NODE_ADDRESS/"; then
    echo "node: eth0 does not have the address $NODE_ADDRESS: Docker connected the networks in another order" >&2
    ip -4 -o address show >&2
    exit 1
  fi
  ip route replace default via "$NODE_GATEWAY" dev eth0
  sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1
  # Pods see each other's addresses; for everything else they are the node.
  iptables -t nat -C POSTROUTING -s "$POD_SUBNET" ! -d "$POD_SUBNET" -j MASQUERADE 2> /dev/null ||
    iptables -t nat -A POSTROUTING -s "$POD_SUBNET" ! -d "$POD_SUBNET" -j MASQUERADE
  # kube-proxy gives packets to a Service the address of a pod before they come here. One that still has the Service's own met no rule yet: it must not
  # leave the node, where somebody else may answer it.
  for chain in FORWARD OUTPUT; do
    iptables -C "$chain" -d "$SERVICE_SUBNET" -j REJECT 2> /dev/null || iptables -A "$chain" -d "$SERVICE_SUBNET" -j REJECT
  done
  # Docker's own DNS server answers on a loopback address that pods can't reach.
  : > /etc/resolv.upstream.conf
  local server
  for server in ${NODE_DNS:-}; do echo "nameserver $server" >> /etc/resolv.upstream.conf; done
  if [[ -x /etc/teruwa/routes ]]; then /etc/teruwa/routes; fi
}

# Runs a program again whenever it ends. The pause keeps one that fails at once from burning a core.
supervise() {
  local name=$1
  shift
  while true; do
    "$@" >> "/var/log/$name.log" 2>&1 && code=0 || code=$?
    echo "node: $name ended with $code and is started again"
    sleep 1
  done
}

kubelet_process() (
  # kubeadm writes these two before it waits for what the kubelet starts.
  until [[ -s /var/lib/kubelet/config.yaml && -s /etc/kubernetes/kubelet.conf ]]; do sleep 0.1; done
  local args=()
  if [[ -f /var/lib/kubelet/kubeadm-flags.env ]]; then
    # shellcheck disable=SC1091
    source /var/lib/kubelet/kubeadm-flags.env
    read -ra args <<< "$KUBELET_KUBEADM_ARGS"
  fi
  exec /opt/teruwa/bin/kubelet --config=/var/lib/kubelet/config.yaml --kubeconfig=/etc/kubernetes/kubelet.conf "${args[@]}"
)

trap 'exit 0' TERM INT
cgroups
network
[[ -s /etc/machine-id ]] || tr -d - < /proc/sys/kernel/random/uuid > /etc/machine-id

supervise containerd containerd &
until ctr version > /dev/null 2>&1; do sleep 0.1; done
ctr -n k8s.io images import /opt/teruwa/images.tar > /dev/null
supervise kubelet kubelet_process &
# In a tmpfs: it is gone when the container is started again.
touch /run/node-started
echo 'node: containerd answers'
wait
