/** Lets calls about one name act one after another, in the order in which they were made. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  /**
   * Acts when all earlier calls about the name have ended, well or badly, and what the action needs is there.
   *
   * @param prepared is under way already, beside the earlier calls; when it fails, so does this call, without waiting.
   */
  take<Prepared, Result>(
    name: string,
    prepared: Promise<Prepared>,
    act: (prepared: Prepared) => Promise<Result>,
  ): Promise<Result> {
    const earlier = this.#last.get(name)
    const turn = Promise.all([prepared, earlier]).then(([needed]) => act(needed))
    const ended = Promise.allSettled([turn, earlier]).then(() => {
      if (this.#last.get(name) === ended) this.#last.delete(name)
    })
    this.#last.set(name, ended)
    return turn
  }
}
