/** What Neutron 21 gives to members, or readers, of the project alone and forgets to give to administrators. */
const forgotten = {
  member: [
    'create_security_group',
    'update_security_group',
    'delete_security_group',
    'create_security_group_rule',
    'delete_security_group_rule',
    'delete_auto_allocated_topology',
    'create_trunk',
    'update_trunk',
    'delete_trunk',
    'add_subports',
    'remove_subports',
    'create_local_ip',
    'update_local_ip',
    'delete_local_ip',
    'create_ndp_proxy',
    'update_ndp_proxy',
    'delete_ndp_proxy',
  ],
  reader: ['get_security_group', 'get_auto_allocated_topology', 'get_trunk', 'get_subports', 'get_local_ip', 'get_ndp_proxy'],
} as const

/** What Neutron 21 lets every role of the project do that the network, or the floating IP or router it is about, belongs to: a reader, too. */
const open = {
  network_owner: ['create_subnet', 'update_subnet', 'delete_subnet'],
  ext_parent_owner: [
    'create_floatingip_port_forwarding',
    'update_floatingip_port_forwarding',
    'delete_floatingip_port_forwarding',
    'create_router_conntrack_helper',
    'update_router_conntrack_helper',
    'delete_router_conntrack_helper',
    'create_local_ip_port_association',
    'delete_local_ip_port_association',
  ],
} as const

/**
 * Policies that make the new defaults whole. What was forgotten is as Neutron 22 has it: without it no administrator could look after the security
 * groups of a project, and the operator is one.
 */
export const policies: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(forgotten).flatMap(([role, names]) => names.map((name) => [name, `rule:admin_only or (role:${role} and project_id:%(project_id)s)`])),
  ),
  ...Object.fromEntries(
    Object.entries(open).flatMap(([owner, names]) =>
      names.map((name) => [name, `rule:admin_only or (role:member and (project_id:%(project_id)s or rule:${owner}))`]),
    ),
  ),
  // Who may see a network may see whether it is an external one, as before: projects get their floating IPs from networks of others.
  'get_network:router:external': 'rule:admin_only or role:reader',
}
