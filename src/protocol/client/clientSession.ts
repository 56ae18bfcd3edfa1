/** A session of a remote console: RMCP+ from Open Session to Close Session (IPMI 2.0 §13.15-23). */
import { randomBytes } from "node:crypto";

import { hexByte } from "../../base/hex.js";
import { bmcAddress, decodeLanResponse, encodeLanRequest, type LanResponse } from "../rmcp/lanMessage.js";
import { MalformedPacketError } from "../rmcp/malformedPacketError.js";
import { decodeOpenSessionResponse, encodeOpenSessionRequest } from "../rmcp/openSession.js";
import {
  decodeRakpMessage2,
  decodeRakpMessage4,
  encodeRakpMessage1,
  encodeRakpWithCode,
  type RakpMessage2,
} from "../rmcp/rakp.js";
import { decodeRmcpPacket } from "../rmcp/rmcpHeader.js";
import {
  decodeRmcpPlusWrapper,
  encodeRmcpPlusWrapper,
  integrityProtectedPart,
  payloadType,
  type RmcpPlusPacket,
} from "../rmcp/rmcpPlusWrapper.js";
import { rmcpPlusStatus } from "../rmcp/statusCode.js";
import { type CipherSuite, cipherSuites } from "../security/cipherSuites.js";
import { areEqual, createSessionProtection, type SessionProtection } from "../security/protection.js";
import {
  rakp2AuthCode,
  rakp3AuthCode,
  rakp4IntegrityCheckValue,
  type RakpExchange,
  sessionIntegrityKey,
} from "../security/rakpKeys.js";
import { ClientError, type Exchange, openExchange } from "./exchange.js";

export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  /** The BMC key Kg, 20 bytes; without it the password is used (IPMI 2.0 §13.31). */
  readonly kg?: Buffer;
  /** Default 17. */
  readonly cipherSuite?: number;
  /** 2 USER, 3 OPERATOR, 4 ADMINISTRATOR, the default. */
  readonly privilege?: 2 | 3 | 4;
  /** Per try; default 1,000. */
  readonly timeoutMs?: number;
  /** Default 4. */
  readonly tries?: number;
}

export interface ClientRequest {
  readonly netFn: number;
  readonly command: number;
  readonly data?: readonly number[];
}

export interface ClientSession {
  /** Rejects with ClientError without an answer; a completion code other than 00h is an answer. */
  readonly request: (request: ClientRequest) => Promise<Pick<LanResponse, "completionCode" | "data">>;
  /** Closes the session at the BMC and the socket; never rejects. */
  readonly close: () => Promise<void>;
}

/** Slave address of remote console software, 8-bit form (IPMI 2.0 §5.5). */
const remoteConsoleAddress = 0x81;
const nameOnlyLookUp = 0x10;
const app = 0x06;
const setSessionPrivilegeLevel = 0x3b;
const closeSession = 0x3c;

/** Rejects with ClientError. */
export async function openClientSession(options: ClientOptions): Promise<ClientSession> {
  const { host, port, timeoutMs = 1_000, tries = 4, privilege = 4 } = options;
  const suite = cipherSuites.find(({ id }) => id === (options.cipherSuite ?? 17));
  if (!suite) {
    throw new ClientError("unsupported", `unknown cipher suite ${options.cipherSuite ?? 17}`);
  }
  const exchange = await openExchange({ host, port, timeoutMs, tries });
  try {
    const session = startSession(exchange, await handshake(exchange, suite, options));
    await session.request({ netFn: app, command: setSessionPrivilegeLevel, data: [privilege] });
    return session;
  } catch (error) {
    exchange.close();
    throw error;
  }
}

interface Keys {
  readonly remoteConsoleSessionId: number;
  readonly managedSystemSessionId: number;
  readonly protection: SessionProtection;
}

async function handshake(exchange: Exchange, suite: CipherSuite, options: ClientOptions): Promise<Keys> {
  const remoteConsoleSessionId = randomBytes(4).readUInt32LE();
  const password = Buffer.from(options.password);
  const name = Buffer.from(options.username);
  const role = nameOnlyLookUp | (options.privilege ?? 4);
  const tag = 0;

  const opened = await step(
    exchange,
    payloadType.openSessionRequest,
    encodeOpenSessionRequest({
      tag,
      maximumPrivilege: options.privilege ?? 4,
      remoteConsoleSessionId,
      algorithms: {
        authentication: suite.authentication.id,
        integrity: suite.integrity.id,
        confidentiality: suite.confidentiality.id,
      },
    }),
    payloadType.openSessionResponse,
    decodeOpenSessionResponse,
  );
  if (!("managedSystemSessionId" in opened)) {
    throw new ClientError("refused", `the BMC refuses cipher suite ${suite.id}: status ${hex(opened.status)}`);
  }
  const { managedSystemSessionId } = opened;

  const remoteConsoleRandom = randomBytes(16);
  const message2 = await step(
    exchange,
    payloadType.rakp1,
    encodeRakpMessage1({ tag, managedSystemSessionId, remoteConsoleRandom, role, name }),
    payloadType.rakp2,
    decodeRakpMessage2,
  );
  if (!isAccepted(message2)) {
    const isUnknown = message2.status === rmcpPlusStatus.unauthorizedName;
    const why = isUnknown ? `knows no user ${options.username}` : `refuses the login: status ${hex(message2.status)}`;
    throw new ClientError("refused", `the BMC ${why}`);
  }
  const { managedSystemRandom, managedSystemGuid } = message2;
  const both: RakpExchange = {
    remoteConsoleSessionId,
    managedSystemSessionId,
    remoteConsoleRandom,
    managedSystemRandom: Buffer.from(managedSystemRandom),
    managedSystemGuid: Buffer.from(managedSystemGuid),
    role,
    name,
  };
  const { authentication } = suite;
  if (!areEqual(rakp2AuthCode(authentication, password, both), message2.keyExchangeAuthCode)) {
    throw new ClientError("wrongPassword", `the password of ${options.username} does not match that of the BMC`);
  }

  const message4 = await step(
    exchange,
    payloadType.rakp3,
    encodeRakpWithCode(
      { tag, status: rmcpPlusStatus.ok, sessionId: managedSystemSessionId },
      rakp3AuthCode(authentication, password, both),
    ),
    payloadType.rakp4,
    decodeRakpMessage4,
  );
  const sik = sessionIntegrityKey(authentication, options.kg ?? password, both);
  if (
    message4.status !== rmcpPlusStatus.ok ||
    !areEqual(rakp4IntegrityCheckValue(authentication, sik, both), message4.integrityCheckValue)
  ) {
    throw new ClientError("refused", `the BMC does not confirm the session: status ${hex(message4.status)}`);
  }
  const protection = createSessionProtection(suite, sik, password, randomBytes);
  return { remoteConsoleSessionId, managedSystemSessionId, protection };
}

function isAccepted(message2: ReturnType<typeof decodeRakpMessage2>): message2 is RakpMessage2 {
  return message2.status === rmcpPlusStatus.ok;
}

/** One message of the handshake and its answer. */
function step<Answer>(
  exchange: Exchange,
  requestType: number,
  payload: Buffer,
  answerType: number,
  decode: (payload: Buffer) => Answer,
): Promise<Answer> {
  const datagram = encodeRmcpPlusWrapper(
    { payloadType: requestType, encrypted: false, sessionId: 0, sequence: 0 },
    payload,
  );
  return exchange.ask(
    () => datagram,
    (bytes) => {
      const packet = decodePacket(bytes);
      return packet?.payloadType === answerType ? decode(Buffer.from(packet.payload)) : undefined;
    },
  );
}

function startSession(exchange: Exchange, keys: Keys): ClientSession {
  const { remoteConsoleSessionId, managedSystemSessionId, protection } = keys;
  let sequence = 0;
  let rqSeq = 0;

  function open(packet: RmcpPlusPacket | undefined): LanResponse | undefined {
    if (packet?.sessionId !== remoteConsoleSessionId || packet.payloadType !== payloadType.ipmi) {
      return undefined;
    }
    if (protection.authenticated) {
      const covered = integrityProtectedPart(packet, protection.authCodeLength);
      if (!protection.verify(covered, packet.body.subarray(covered.length))) {
        return undefined;
      }
    }
    const message = protection.cipher.decrypt(packet.payload);
    return message && decodeLanResponse(message);
  }

  const request: ClientSession["request"] = ({ netFn, command, data = [] }) => {
    const seq = rqSeq++ & 0x3f;
    const message = encodeLanRequest({
      rsAddr: bmcAddress,
      netFn,
      rsLun: 0,
      rqAddr: remoteConsoleAddress,
      rqSeq: seq,
      rqLun: 0,
      command,
      data: Buffer.from(data),
    });
    return exchange.ask(
      // A retransmitted packet has a new session sequence number, and the same rqSeq.
      () =>
        encodeRmcpPlusWrapper(
          {
            payloadType: payloadType.ipmi,
            encrypted: protection.encrypted,
            sessionId: managedSystemSessionId,
            sequence: ++sequence,
          },
          protection.cipher.encrypt(message),
          protection.authenticated ? protection : undefined,
        ),
      (datagram) => {
        const response = open(decodePacket(datagram));
        return response?.rqSeq === seq && response.command === command ? response : undefined;
      },
    );
  };

  return {
    request,
    close: async () => {
      const id = Buffer.alloc(4);
      id.writeUInt32LE(managedSystemSessionId);
      await request({ netFn: app, command: closeSession, data: [...id] }).catch(() => undefined);
      exchange.close();
    },
  };
}

/** undefined for datagrams that are not RMCP+ (the port is open to anyone). */
function decodePacket(datagram: Buffer): RmcpPlusPacket | undefined {
  try {
    return decodeRmcpPlusWrapper(decodeRmcpPacket(datagram).body);
  } catch (error) {
    if (error instanceof MalformedPacketError) {
      return undefined;
    }
    throw error;
  }
}

function hex(status: number): string {
  return `${hexByte(status)}h`;
}
