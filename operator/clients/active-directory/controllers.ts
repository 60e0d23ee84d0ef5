/** What is known of each domain controller of a connection, and who is told. */

/** Controllers are named as they are declared. */
export interface ControllerWatch {
  /** Whether it took us in at the last try: TLS, bind and the customers OU. */
  tried(controller: string, isUp: boolean): void;
  /** One exchange, whatever came of it. */
  took(controller: string, seconds: number): void;
  /** Nothing more will be heard of these. */
  forgotten(controllers: readonly string[]): void;
}

export class Controllers {
  /** In the order in which they are preferred. */
  readonly declared: readonly string[];
  readonly #watch: ControllerWatch | undefined;
  /** How the last try ended; absent: there was none. */
  readonly #isUp = new Map<string, boolean>();
  #isForgotten = false;

  constructor(declared: readonly string[], watch: ControllerWatch | undefined) {
    this.declared = declared;
    this.#watch = watch;
  }

  note(controller: string, isUp: boolean): void {
    if (this.#isForgotten) return;
    this.#isUp.set(controller, isUp);
    this.#watch?.tried(controller, isUp);
  }

  isUp(controller: string): boolean {
    return this.#isUp.get(controller) === true;
  }

  /** `first`, then the others as declared: those last that failed last, as they may take their deadline to fail again. */
  order(first: string | undefined): readonly string[] {
    const rank = (controller: string): number => {
      if (controller === first) return 0;
      return this.#isUp.get(controller) === false ? 2 : 1;
    };
    return this.declared.toSorted((a, b) => rank(a) - rank(b));
  }

  others(controller: string): readonly string[] {
    return this.declared.filter((other) => other !== controller);
  }

  isPreferred(controller: string, to: string): boolean {
    return this.declared.indexOf(controller) < this.declared.indexOf(to);
  }

  forget(): void {
    if (this.#isForgotten) return;
    this.#isForgotten = true;
    this.#watch?.forgotten(this.declared);
  }
}
