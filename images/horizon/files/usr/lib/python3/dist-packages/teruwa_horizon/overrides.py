"""Horizon's customization module: imported once all panels are known."""

from horizon.tables import DataTable
from openstack_dashboard.dashboards.project.instances import tabs

# Horizon has one rule for seeing interfaces and for attaching them; whoever reads may see them.
tabs.InterfacesTab.policy_rules = (('compute', 'os_compute_api:os-attach-interfaces:list'),)


def _set_multiselect_column_visibility(table, visible=True):
    """Horizon's adds to and removes from a list that all requests share: what one user may select then shows in the table of another."""
    if table.multi_select:
        column = next(iter(table.columns.values()))
        column.classes = [name for name in column.classes if name != 'hidden'] + ([] if visible else ['hidden'])


DataTable.set_multiselect_column_visibility = _set_multiselect_column_visibility
