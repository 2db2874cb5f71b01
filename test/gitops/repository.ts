import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { run } from '../../local/command.ts'

const ROOT = join(import.meta.dirname, '../..')

/** A Git repository on this host, as somebody has it who runs clouds from one. */
export class Repository {
  readonly #work: string
  /** Where Argo CD fetches from. */
  readonly url: string
  readonly #folder: string

  private constructor(folder: string) {
    this.#folder = folder
    this.#work = join(folder, 'work')
    this.url = `file://${join(folder, 'clouds.git')}`
  }

  /** One with these files and folders of the checkout in it; `REPOSITORY` in the Applications is its address. */
  static async create(paths: readonly string[]): Promise<Repository> {
    const repository = new Repository(await mkdtemp(join(tmpdir(), 'teruwa-git-')))
    await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', join(repository.#folder, 'clouds.git')])
    await run('git', ['clone', '--quiet', repository.url, repository.#work])
    for (const path of paths) {
      await mkdir(dirname(join(repository.#work, path)), { recursive: true })
      await cp(join(ROOT, path), join(repository.#work, path), { recursive: true })
    }
    return repository
  }

  read(path: string): Promise<string> {
    return readFile(join(this.#work, path), 'utf8')
  }

  write(path: string, text: string): Promise<void> {
    return writeFile(join(this.#work, path), text)
  }

  /** Changes a text in a file. Throws where it is not in it. */
  async replace(path: string, from: string, to: string): Promise<void> {
    const text = await this.read(path)
    if (!text.includes(from)) throw new Error(`expected ${from} in ${path}`)
    await this.write(path, text.replaceAll(from, to))
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.#work, path))
  }

  /** Commits all that was changed, and pushes it. Returns the commit. */
  async push(message: string): Promise<string> {
    const git = (...args: string[]) => run('git', ['-C', this.#work, '-c', 'user.name=Teruwa', '-c', 'user.email=teruwa@example.com', ...args])
    await git('add', '--all')
    await git('commit', '--quiet', '--message', message)
    await git('push', '--quiet', 'origin', 'HEAD:main')
    return (await git('rev-parse', 'HEAD')).trim()
  }

  close(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true })
  }
}
