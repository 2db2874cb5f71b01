// npm run bench -- footprint: resident memory of each container of the cloud and of the operator, as the kubelets count it (no page cache).

import { footprintRows, footprintTable } from './footprint-table.ts'
import { benchKubectl, statsSummaries } from './target.ts'

/** Prints a table. */
export async function footprint(): Promise<void> {
  console.log(footprintTable(footprintRows(await statsSummaries(await benchKubectl()))))
}
