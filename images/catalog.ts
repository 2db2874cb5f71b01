import base from './base/image.ts'
import ceph from './ceph/image.ts'
import chrony from './chrony/image.ts'
import cinder from './cinder/image.ts'
import type { ImageDefinition } from './definition.ts'
import etcd from './etcd/image.ts'
import glance from './glance/image.ts'
import guest from './guest/image.ts'
import horizon from './horizon/image.ts'
import keystone from './keystone/image.ts'
import libvirt from './libvirt/image.ts'
import mariadb from './mariadb/image.ts'
import memcached from './memcached/image.ts'
import neutron from './neutron/image.ts'
import novaCompute from './nova-compute/image.ts'
import nova from './nova/image.ts'
import openstack from './openstack/image.ts'
import operator from './operator/image.ts'
import placement from './placement/image.ts'
import rabbitmq from './rabbitmq/image.ts'

/** Every image, parents before children; what takes longest to build comes early, and the operator, which names the others, is the last. */
export const catalog: Readonly<Record<string, ImageDefinition>> = {
  base,
  openstack,
  libvirt,
  neutron,
  nova,
  'nova-compute': novaCompute,
  cinder,
  keystone,
  glance,
  placement,
  horizon,
  mariadb,
  rabbitmq,
  guest,
  ceph,
  memcached,
  chrony,
  etcd,
  operator,
}
