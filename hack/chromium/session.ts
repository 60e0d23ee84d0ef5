/** One page of a browser, over the DevTools protocol (chromedevtools.github.io/devtools-protocol). */

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Keys that are no character: name, and the code that Windows gave them. */
const KEYS = {
  Tab: { windowsVirtualKeyCode: 9 },
  Enter: { windowsVirtualKeyCode: 13, text: '\r' },
  End: { windowsVirtualKeyCode: 35 },
  ArrowDown: { windowsVirtualKeyCode: 40 },
} as const;
export type Key = keyof typeof KEYS;

export class Session {
  /** Errors that the page or its policy told the console. */
  readonly complaints: string[] = [];
  private readonly socket: WebSocket;
  private readonly waiting = new Map<number, Waiting>();
  private readonly loads: (() => void)[] = [];
  private count = 0;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => {
      this.take(JSON.parse(String(data)) as Message);
    });
  }

  static async open(url: string): Promise<Session> {
    const socket = new WebSocket(url);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', () => reject(new Error(`no connection to ${url}`)));
    });
    const session = new Session(socket);
    for (const domain of ['Page', 'Runtime', 'Log']) await session.send(`${domain}.enable`);
    return session;
  }

  async goTo(url: string): Promise<void> {
    await this.loading(() => this.send('Page.navigate', { url }));
  }

  async press(key: Key): Promise<void> {
    const event = { key, code: key, ...KEYS[key] };
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  /** Enter on a link or in a form: the next page is there when it returns. */
  async follow(): Promise<void> {
    await this.loading(() => this.press('Enter'));
  }

  async type(text: string): Promise<void> {
    for (const character of text) {
      await this.send('Input.dispatchKeyEvent', { type: 'char', text: character });
    }
  }

  /** Presses Tab until the element that has the focus fits. @throws Error where none does on the whole page */
  async tabTo(selector: string): Promise<void> {
    const isThere = `document.activeElement.matches(${JSON.stringify(selector)})`;
    for (let presses = 0; presses < 200; presses += 1) {
      await this.press('Tab');
      if (await this.evaluate<boolean>(isThere)) return;
    }
    throw new Error(`Tab never reaches ${selector}`);
  }

  async evaluate<T>(expression: string): Promise<T> {
    const answer = await this.send('Runtime.evaluate', { expression, returnByValue: true });
    const { result, exceptionDetails } = answer as {
      readonly result: { readonly value: T };
      readonly exceptionDetails?: { readonly text: string };
    };
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.text}`);
    return result.value;
  }

  async resize(width: number): Promise<void> {
    const metrics = { width, height: 800, deviceScaleFactor: 1, mobile: false };
    await this.send('Emulation.setDeviceMetricsOverride', metrics);
  }

  async prefer(scheme: 'light' | 'dark'): Promise<void> {
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await this.send('Emulation.setEmulatedMedia', { features });
  }

  private async loading(action: () => Promise<unknown>): Promise<void> {
    const loaded = new Promise<void>((resolve) => this.loads.push(resolve));
    await action();
    await loaded;
  }

  private async send(method: string, params: object = {}): Promise<unknown> {
    this.count += 1;
    const id = this.count;
    this.socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  }

  private take({ id, method, params, result, error }: Message): void {
    const waiting = id === undefined ? undefined : this.waiting.get(id);
    if (id !== undefined) this.waiting.delete(id);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
    if (method === 'Page.loadEventFired') for (const loaded of this.loads.splice(0)) loaded();
    if (method === 'Log.entryAdded' || method === 'Runtime.exceptionThrown') {
      this.complaints.push(JSON.stringify(params));
    }
  }
}
