"""Writes the default policies of a service in the form that Horizon reads: default-policies.py NAMESPACE > FILE."""

import sys

import yaml
from oslo_policy import generator


def rules(found):
    for entry in found:
        if isinstance(entry, (list, tuple)):
            yield from rules(entry)
        else:
            yield entry


def as_data(rule):
    deprecated = rule.deprecated_rule
    return {
        'name': rule.name,
        'check_str': str(rule.check_str),
        'description': rule.description,
        'scope_types': rule.scope_types,
        'deprecated_rule': {'name': deprecated.name, 'check_str': str(deprecated.check_str)} if deprecated else None,
        'deprecated_for_removal': rule.deprecated_for_removal,
        'deprecated_reason': str(rule.deprecated_reason) if rule.deprecated_reason else None,
        'deprecated_since': rule.deprecated_since,
    }


namespace = sys.argv[1]
found = generator.get_policies_dict([namespace])
yaml.safe_dump([as_data(rule) for rule in rules(found[namespace])], sys.stdout)
