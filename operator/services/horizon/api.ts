import type { ServiceApi } from '../../api/v1alpha1/service.ts'

export const api = {
  name: 'horizon',
  title: 'Horizon',
  purpose: 'the dashboard. Its sessions are kept in the cache.',
  optional: { default: true, what: 'is a dashboard', needs: { cache: 'the dashboard keeps its sessions in the cache' } },
  replicas: 'the dashboard',
  fields: ({ hostName, map, rules, setList, z }) => ({
    sessionTimeoutMinutes: z
      .int()
      .min(1)
      .max(10080)
      .default(60)
      .describe("Minutes after which a person must log in again, whatever they do. A token's end comes first where that is earlier."),
    allowedHosts: setList(hostName(), 16)
      .default([])
      .describe('Host names by which browsers may ask for the dashboard, besides that of its endpoint. Example: `[dashboard.example.com]`.'),
    settings: map(z.string().min(1).max(4096), 64)
      .default({})
      .meta(
        rules({
          rule: "self.all(s, s.matches('^[A-Z][A-Z0-9_]*$'))",
          message: 'services.horizon.settings: names of settings are in capital letters, as in SESSION_TIMEOUT',
        }),
      )
      .describe(
        'Settings of Horizon and Django by name, each value as JSON; they win over those of the operator. Example: `{DROPDOWN_MAX_ITEMS: "50", SITE_BRANDING: "\\"My cloud\\""}`.',
      ),
  }),
  files: [],
  endpoints: { web: 8080 },
} as const satisfies ServiceApi
