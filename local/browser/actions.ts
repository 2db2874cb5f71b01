import type { Dashboard } from './dashboard.ts'

/** Everything that a panel offers to click apart from links, in tables, menus (open or not), and Angular's lists. */
const OFFERED = ['.btn', '.table_actions a', '.actions_column a', '.actions_column button', 'actions a', 'actions button'].join(', ')
/** What is part of looking: filters, and how something is drawn. */
const LOOKING = /^(Filter|Small|Normal|Toggle .*|Center Topology|Manage Rules|View .*|Download .*)?$/

/** The actions that a panel of the dashboard offers to whoever is logged in, each once, without those that only show something. */
export async function offeredActions(dashboard: Dashboard, path: string): Promise<string[]> {
  await dashboard.open(path)
  const offered = dashboard.page
    .locator('#content_body')
    .locator(OFFERED)
    .and(dashboard.page.locator(':not(.table_search *, .themable-select *, form.form-inline *)'))
  const texts = (await offered.allTextContents()).map((text) => text.replaceAll(/\s+/g, ' ').trim())
  return [...new Set(texts)].filter((text) => !LOOKING.test(text))
}

/** The panels that show what a project has; whoever only reads it is offered nothing in any of them. */
export const PROJECT_PANELS = [
  'project/instances/',
  'project/images',
  'project/server_groups/',
  'project/network_topology/',
  'project/networks/',
  'project/routers/',
  'project/security_groups/',
  'project/floating_ips/',
] as const
