import type { Locator } from 'playwright-core'
import type { Dashboard } from './dashboard.ts'

/** What the wizard asks for at least, by names. */
export interface WantedInstance {
  readonly name: string
  readonly image: string
  readonly flavor: string
  readonly network: string
}

/** Opens the list of instances. */
export function openInstances(dashboard: Dashboard): Promise<void> {
  return dashboard.open('project/instances/')
}

/** Moves a row of one of the wizard's tables from the available ones up to the allocated ones, if it is not there already. */
async function allocate(wizard: Locator, step: string, form: string, name: string): Promise<void> {
  await wizard.locator('li.nav-item', { hasText: new RegExp(String.raw`^\s*${step}\b(?! Ports)`) }).click()
  const row = wizard.locator(`ng-include[ng-form=${form}] tr`, { has: wizard.page().getByText(name, { exact: true }) }).filter({ visible: true })
  await row.first().waitFor()
  const up = row.locator('button.fa-arrow-up')
  if ((await up.count()) > 0) await up.first().click()
  // Only what is allocated can be moved down again.
  await row.locator('button.fa-arrow-down').first().waitFor()
}

/** Opens the Launch Instance wizard and fills in all that it must know. */
async function fillWizard(dashboard: Dashboard, { name, image, flavor, network }: WantedInstance): Promise<Locator> {
  const { page } = dashboard
  await openInstances(dashboard)
  await page.click('#instances__action_launch-ng')
  const wizard = page.locator('.modal-dialog wizard')
  await wizard.locator('input[name=name]').fill(name)
  await allocate(wizard, 'Source', 'launchInstanceSourceForm', image)
  await allocate(wizard, 'Flavor', 'launchInstanceFlavorForm', flavor)
  await allocate(wizard, 'Networks', 'launchInstanceNetworkForm', network)
  return wizard
}

/**
 * Launches an instance by the wizard and waits until the list of instances has it. Throws what the dashboard says where it is refused.
 * @param filled is called when the wizard is filled in, before the launch
 */
export async function launchInstance(dashboard: Dashboard, wanted: WantedInstance, filled: () => Promise<unknown> = async () => {}): Promise<void> {
  const wizard = await fillWizard(dashboard, wanted)
  await filled()
  await wizard.locator('button.finish').click()
  await wizard.waitFor({ state: 'detached' })
  const row = instanceRow(dashboard, wanted.name)
  const refused = dashboard.page.locator('.alert-danger:visible')
  await row.or(refused).first().waitFor()
  if (!(await row.isVisible())) throw new Error(`the dashboard does not launch ${wanted.name}: ${await dashboard.sentence()}`)
}

function instanceRow({ page }: Dashboard, name: string): Locator {
  return page.locator(`#instances tbody tr[data-display=${JSON.stringify(name)}]`)
}

/** Waits until the list of instances, which renews itself, shows an instance with a status such as `Active`. Throws where it shows `Error`. */
export async function waitForStatus(dashboard: Dashboard, name: string, status: string): Promise<void> {
  await openInstances(dashboard)
  const row = instanceRow(dashboard, name)
  const cell = (text: string) => row.locator('td').filter({ hasText: new RegExp(String.raw`^\s*${text}\s*$`) })
  await cell(status).or(cell('Error')).first().waitFor()
  if ((await cell(status).count()) === 0) throw new Error(`the dashboard shows instance ${name} with the status Error instead of ${status}`)
}

/** Names in the list of instances. */
export async function instanceNames(dashboard: Dashboard): Promise<string[]> {
  await openInstances(dashboard)
  const rows = dashboard.page.locator('#instances tbody tr[data-display]')
  return Promise.all((await rows.all()).map(async (row) => (await row.getAttribute('data-display')) ?? ''))
}

/** Opens one tab of an instance's page, such as `console` or `log`. */
export async function openInstanceTab(dashboard: Dashboard, name: string, tab: string): Promise<void> {
  await openInstances(dashboard)
  const path = await instanceRow(dashboard, name).locator('td.anchor a').getAttribute('href')
  await dashboard.open(`${path ?? ''}?tab=instance_details__${tab}`)
}
