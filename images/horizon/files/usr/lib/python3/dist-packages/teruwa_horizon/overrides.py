"""Horizon's customization module: imported once all panels are known."""

from openstack_dashboard.dashboards.project.instances import tabs

# Horizon has one rule for seeing interfaces and for attaching them; whoever reads may see them.
tabs.InterfacesTab.policy_rules = (('compute', 'os_compute_api:os-attach-interfaces:list'),)
