{{- /* Made by `npm run generate` from operator/api/rights.ts. Do not edit. */ -}}
{{- define "teruwa.cloudRules" -}}
# The clouds that are declared; of one it changes only the finalizer.
- apiGroups: [openstack.teruwa.io]
  resources: [openstackclusters]
  verbs: [list, watch, patch]
# Conditions, steps and counts of a cloud.
- apiGroups: [openstack.teruwa.io]
  resources: [openstackclusters/status]
  verbs: [patch]
# The objects of a cloud have it as an owner that waits for them; clusters with OwnerReferencesPermissionEnforcement, such as OpenShift, ask for this.
- apiGroups: [openstack.teruwa.io]
  resources: [openstackclusters/finalizers]
  verbs: [update]
# One for each hypervisor of a cloud.
- apiGroups: [openstack.teruwa.io]
  resources: [hypervisors]
  verbs: [list, watch, create, patch, delete]
# What Nova and Kubernetes say of each hypervisor.
- apiGroups: [openstack.teruwa.io]
  resources: [hypervisors/status]
  verbs: [patch]
# Generated passwords, keys, certificates, and configuration files, which carry them. It lists those that have its own label, and gets by name what a cloud names; RBAC cannot tell them apart.
- apiGroups: ['']
  resources: [secrets]
  verbs: [get, list, watch, create, patch, delete]
# Addresses of the APIs and of what they stand on.
- apiGroups: ['']
  resources: [services]
  verbs: [list, watch, create, patch, delete]
# Volumes of MariaDB, RabbitMQ, etcd and Glance. They have no owner, so that it deletes them itself where `deletionPolicy` says so.
- apiGroups: ['']
  resources: [persistentvolumeclaims]
  verbs: [get, list, watch, create, patch, delete]
# Services, what they stand on, and what runs on nodes.
- apiGroups: [apps]
  resources: [deployments, statefulsets, daemonsets]
  verbs: [list, watch, create, patch, delete]
# Schemas of databases, checks, uploads of images, and the clearing of nodes.
- apiGroups: [batch]
  resources: [jobs]
  verbs: [list, watch, create, patch, delete]
# A drain takes one pod at a time of what has several.
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [list, watch, create, patch, delete]
# Why something is not ready, and which node a pod is on.
- apiGroups: ['']
  resources: [pods]
  verbs: [list, watch]
# How far the download of an image is.
- apiGroups: ['']
  resources: [pods/log]
  verbs: [get]
# Whether it enforces a level of Pod Security that lets no hypervisor in, before a cloud is made. Without this right it is not looked at.
- apiGroups: ['']
  resources: [namespaces]
  verbs: [get]
# Tells what happens to a cloud; patch counts what happens again.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}
{{- define "teruwa.clusterRules" -}}
# Labels say what a node is for, addresses are in endpoints, and what is not ready is not waited for. Nodes belong to no namespace.
- apiGroups: ['']
  resources: [nodes]
  verbs: [list, watch]
# Whether the volumes of a cloud can be made, before it is. Without this right it is not looked at.
- apiGroups: [storage.k8s.io]
  resources: [storageclasses]
  verbs: [list]
# Whether the definitions are as new as the operator, since Helm never upgrades them. Without this right it is not looked at.
- apiGroups: [apiextensions.k8s.io]
  resources: [customresourcedefinitions]
  resourceNames: [openstackclusters.openstack.teruwa.io, hypervisors.openstack.teruwa.io]
  verbs: [get]
{{- end -}}
{{- define "teruwa.ownRules" -}}
# The Lease by which one of its pods leads; a name cannot be asked for here.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
# The same, by its name.
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [teruwa]
  verbs: [get, update]
{{- end -}}
