/**
 * The little of a domain controller that connections are made of: it accepts a bind over TLS and answers searches with
 * what a test says. For what Samba cannot show: Windows' limits, and controllers that are ill in a certain way.
 */
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { BerReader, BerWriter } from 'ldapts';
import { issueServerCertificate } from '../simulator/certificates.ts';
import { onMessages } from './ldap-messages.ts';

/** Tags of RFC 4511 4.2 to 4.6. */
const bindRequest = 0x60;
const unbindRequest = 0x42;
const searchRequest = 0x63;
const modifyRequest = 0x66;
const octetString = 0x04;
/** Of a simple bind: context-specific 0. */
const simplePassword = 0x80;
const wrongPassword = 49;
/** RFC 2696. */
const pagedResults = '1.2.840.113556.1.4.319';

export interface FakeEntry {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

export interface FakeSearch {
  readonly base: string;
  readonly scope: number;
  /** Seconds. */
  readonly timeLimit: number;
  readonly attributes: readonly string[];
  readonly isPaged: boolean;
}

type FakeAnswer = readonly FakeEntry[] | Promise<readonly FakeEntry[]>;

const customersOU = 'OU=Customers,DC=corp,DC=example';
const authority = issueServerCertificate(undefined, []);

export class FakeController {
  readonly #name: string;
  readonly #sockets = new Set<TLSSocket>();
  #server: Server | undefined;
  #port = 0;
  /** Result code of a bind with the right password. */
  bindCode = 0;
  password = 'y';
  binds = 0;
  /** Bases of the searches, in their order, without those that a new session makes. */
  searches: string[] = [];
  root: Readonly<Record<string, readonly string[]>> = {};
  answer: (search: FakeSearch) => FakeAnswer = () => [];

  constructor(name: string) {
    this.#name = name;
  }

  get url(): string {
    return `ldaps://localhost:${this.#port}`;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#sockets.size;
  }

  /** Again on the same port after a stop. */
  async start(): Promise<this> {
    const { certificate, key } = await authority;
    const server = createServer({ cert: certificate, key }, (socket) => this.#serve(socket));
    this.#server = server;
    await new Promise<void>((resolve) => {
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => {
      this.#server?.close(resolve);
    });
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  /** What a Connection to these controllers is given. */
  static async options(...controllers: readonly FakeController[]) {
    const { caFile } = await authority;
    return {
      domainControllers: controllers.map(({ url }) => url),
      customersOU,
      credentials: { bindDN: 'cn=x', bindPassword: 'y', ca: await readFile(caFile, 'utf8') },
    };
  }

  #serve(socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
    onMessages(socket, (message) => this.#handle(socket, new BerReader(message)));
  }

  #handle(socket: TLSSocket, reader: BerReader): void {
    reader.readSequence();
    const id = reader.readInt() ?? 0;
    const operation = reader.readSequence();
    if (operation === unbindRequest) socket.end();
    if (operation === bindRequest) {
      this.binds += 1;
      const isRight = readPassword(reader) === this.password;
      socket.write(result(id, bindRequest + 1, isRight ? this.bindCode : wrongPassword));
    }
    if (operation === modifyRequest) socket.write(result(id, modifyRequest + 1, 0));
    if (operation === searchRequest) void this.#search(socket, id, reader);
  }

  async #search(socket: TLSSocket, id: number, reader: BerReader): Promise<void> {
    const search = readSearch(reader);
    for (const entry of await this.#entriesOf(search)) socket.write(entryMessage(id, entry));
    socket.write(result(id, searchRequest + 2, 0));
  }

  #entriesOf(search: FakeSearch): FakeAnswer {
    if (search.base === '') return [{ dn: '', attributes: { ...this.#root(), ...this.root } }];
    const isStart = search.base === customersOU && search.attributes.join() === 'ou';
    if (isStart) return [{ dn: customersOU, attributes: {} }];
    this.searches.push(search.base);
    return this.answer(search);
  }

  #root(): FakeEntry['attributes'] {
    return {
      defaultNamingContext: ['DC=corp,DC=example'],
      configurationNamingContext: ['CN=Configuration,DC=corp,DC=example'],
      dnsHostName: [`${this.#name}.corp.example`],
      dsServiceName: [`CN=NTDS Settings,CN=${this.#name}`],
      highestCommittedUSN: ['1000'],
      isSynchronized: ['TRUE'],
    };
  }
}

function readPassword(reader: BerReader): string | null {
  // version, name
  reader.readInt();
  reader.readString();
  return reader.readString(simplePassword);
}

function readSearch(reader: BerReader): FakeSearch {
  const base = reader.readString() ?? '';
  const scope = reader.readEnumeration() ?? 0;
  // derefAliases, sizeLimit
  reader.readEnumeration();
  reader.readInt();
  const timeLimit = reader.readInt() ?? 0;
  // typesOnly
  reader.readBoolean();
  // The filter, whatever its kind.
  reader.readSequence();
  reader.offset += reader.length;
  reader.readSequence();
  const end = reader.offset + reader.length;
  const attributes: string[] = [];
  while (reader.offset < end) attributes.push(reader.readString() ?? '');
  return { base, scope, timeLimit, attributes, isPaged: reader.buffer.includes(pagedResults) };
}

function message(id: number, tag: number, write: (writer: BerWriter) => void): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(id);
  writer.startSequence(tag);
  write(writer);
  writer.endSequence();
  writer.endSequence();
  return writer.buffer;
}

function result(id: number, tag: number, code: number): Buffer {
  return message(id, tag, (writer) => {
    writer.writeEnumeration(code);
    writer.writeString('');
    writer.writeString('');
  });
}

function entryMessage(id: number, { dn, attributes }: FakeEntry): Buffer {
  return message(id, searchRequest + 1, (writer) => {
    writer.writeString(dn);
    writer.startSequence();
    for (const [name, values] of Object.entries(attributes)) {
      writer.startSequence();
      writer.writeString(name);
      writer.startSequence(0x31);
      for (const value of values) writer.writeString(value, octetString);
      writer.endSequence();
      writer.endSequence();
    }
    writer.endSequence();
  });
}
