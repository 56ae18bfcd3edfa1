/** Open Session and RAKP (IPMI 2.0 §13.15-23) as the managed system answers them, top to bottom. */
import type { Bmc } from "../../bmc/bmc.js";
import type { User } from "../../bmc/users.js";
import {
  decodeOpenSessionRequest,
  encodeOpenSessionResponse,
  type OpenSessionRequest,
  type ProposedAlgorithms,
} from "../../rmcp/openSession.js";
import {
  decodeRakpMessage1,
  decodeRakpMessage3,
  encodeRakpMessage2,
  encodeRakpStatus,
  encodeRakpWithCode,
  type RakpMessage1,
} from "../../rmcp/rakp.js";
import { rmcpPlusStatus } from "../../rmcp/statusCode.js";
import { cipherSuites, type CipherSuite } from "../../security/cipherSuites.js";
import { areEqual, createSessionProtection } from "../../security/protection.js";
import {
  rakp2AuthCode,
  rakp3AuthCode,
  rakp4IntegrityCheckValue,
  sessionIntegrityKey,
  type RakpExchange,
} from "../../security/rakpKeys.js";
import type { Log } from "../log.js";
import { privilege, startingPrivilege, type Privilege } from "../privilege.js";
import { createReplyCache } from "./replyCache.js";
import { createSequenceWindow, rmcpPlusReach } from "./sequenceWindow.js";
import type { KeyExchange, Remote, RmcpPlusState, Session } from "./session.js";
import type { SessionTable } from "./sessionTable.js";

export interface HandshakeOptions {
  readonly bmc: Bmc;
  readonly sessions: SessionTable;
  readonly randomBytes: (size: number) => Buffer;
  readonly log: Log;
}

/** Each takes a payload and gives the payload of the answer; undefined is silence. They throw MalformedPacketError. */
export interface Handshake {
  readonly openSession: (payload: Buffer, remote: Remote) => Buffer | undefined;
  readonly rakp1: (payload: Buffer, remote: Remote) => Buffer | undefined;
  readonly rakp3: (payload: Buffer, remote: Remote) => Buffer | undefined;
}

const maximumNameLength = 16;
const nameOnlyLookUp = 0x10;
/** Stands for the password of a user that does not exist, so that both cases take the same time. */
const noPassword = Buffer.alloc(20);

export function createHandshake({ bmc, sessions, randomBytes, log }: HandshakeOptions): Handshake {
  function openSession(payload: Buffer, remote: Remote): Buffer {
    const request = decodeOpenSessionRequest(payload);
    const repeated = sessions.all().find((session) => isRepeated(session, payload, remote));
    if (repeated?.state.protocol === "rmcpPlus" && repeated.state.opened) {
      return repeated.state.opened.reply;
    }
    const { tag, remoteConsoleSessionId } = request;
    const suite = chooseSuite(request.algorithms, bmc.cipherSuites);
    if (typeof suite === "number") {
      return encodeOpenSessionResponse({ tag, status: suite, remoteConsoleSessionId });
    }
    const maximumPrivilege = offeredPrivilege(request, bmc);
    if (maximumPrivilege === undefined) {
      return encodeOpenSessionResponse({ tag, status: rmcpPlusStatus.invalidRole, remoteConsoleSessionId });
    }
    const state = newState(remoteConsoleSessionId, suite, maximumPrivilege);
    const session = sessions.open(remote, state);
    const reply = encodeOpenSessionResponse({
      tag,
      status: rmcpPlusStatus.ok,
      maximumPrivilege,
      remoteConsoleSessionId,
      managedSystemSessionId: session.id,
      algorithms: {
        authentication: suite.authentication.id,
        integrity: suite.integrity.id,
        confidentiality: suite.confidentiality.id,
      },
    });
    state.opened = { request: Buffer.from(payload), reply };
    return reply;
  }

  function rakp1(payload: Buffer, remote: Remote): Buffer | undefined {
    const message = decodeRakpMessage1(payload);
    const session = sessions.find(message.managedSystemSessionId);
    if (session?.state.protocol !== "rmcpPlus") {
      // Without its Open Session the console's session ID is unknown; 0 is what is left to answer (§13.21).
      return refusal(message.tag, rmcpPlusStatus.invalidSessionId, 0);
    }
    const { state } = session;
    if (state.rakp1?.request.equals(payload)) {
      return state.rakp1.reply;
    }
    if (session.active) {
      return undefined;
    }
    const refuse = (status: number): Buffer => {
      log("info", "log-in refused", { source: remote.address, status });
      sessions.close(session.id);
      return refusal(message.tag, status, state.remoteConsoleSessionId);
    };
    if (message.nameLength > maximumNameLength) {
      return refuse(rmcpPlusStatus.invalidNameLength);
    }
    const requested = message.role & 0x0f;
    if (requested > privilege.administrator) {
      return refuse(rmcpPlusStatus.invalidRole);
    }
    const user = findUser(message);
    const exchange = exchangeOf(session.id, state, message);
    const password = user?.password ?? noPassword;
    const keyExchangeAuthCode = rakp2AuthCode(state.suite.authentication, password, exchange);
    const sik = sessionIntegrityKey(state.suite.authentication, bmc.kg ?? password, exchange);
    if (!user) {
      return refuse(rmcpPlusStatus.unauthorizedName);
    }
    const limit = Math.min(user.privilegeLimit, bmc.channel.privilegeLimit, state.maximumPrivilege) as Privilege;
    if (requested > limit) {
      return refuse(rmcpPlusStatus.unauthorizedRole);
    }
    const maximumPrivilege = requested === privilege.none ? limit : (requested as Privilege);
    state.keyExchange = { exchange, user, maximumPrivilege, sik };
    session.remote = remote;
    const reply = encodeRakpMessage2({
      tag: message.tag,
      status: rmcpPlusStatus.ok,
      sessionId: state.remoteConsoleSessionId,
      managedSystemRandom: exchange.managedSystemRandom,
      managedSystemGuid: exchange.managedSystemGuid,
      keyExchangeAuthCode,
    });
    state.rakp1 = { request: Buffer.from(payload), reply };
    return reply;
  }

  function rakp3(payload: Buffer, remote: Remote): Buffer | undefined {
    const message = decodeRakpMessage3(payload);
    const session = sessions.find(message.sessionId);
    if (session?.state.protocol !== "rmcpPlus") {
      return undefined;
    }
    const { state } = session;
    if (state.rakp3?.request.equals(payload)) {
      return state.rakp3.reply;
    }
    const keys = state.keyExchange;
    if (!keys || session.active) {
      return undefined;
    }
    if (message.status !== rmcpPlusStatus.ok) {
      // The console could not verify RAKP Message 2: as a rule its user typed a wrong password (§13.22).
      log("info", "log-in given up by the console", { ...whoOf(keys, remote), status: message.status });
      sessions.close(session.id);
      return undefined;
    }
    const { authentication } = state.suite;
    const { tag } = message;
    if (!areEqual(rakp3AuthCode(authentication, keys.user.password, keys.exchange), message.keyExchangeAuthCode)) {
      log("warn", "log-in refused: wrong password or BMC key", whoOf(keys, remote));
      sessions.close(session.id);
      return refusal(tag, rmcpPlusStatus.invalidIntegrityCheckValue, state.remoteConsoleSessionId);
    }
    activate(session, state, keys);
    session.remote = remote;
    sessions.touch(session);
    log("debug", "session opened", { ...whoOf(keys, remote), session: session.id, cipherSuite: state.suite.id });
    const reply = encodeRakpWithCode(
      { tag, status: rmcpPlusStatus.ok, sessionId: state.remoteConsoleSessionId },
      rakp4IntegrityCheckValue(authentication, keys.sik, keys.exchange),
    );
    state.rakp3 = { request: Buffer.from(payload), reply };
    state.keyExchange = undefined;
    state.opened = undefined;
    state.rakp1 = undefined;
    return reply;
  }

  /** Name-only look-up, or the first user of that name who may have the level asked for (§13.20, role bit 4). */
  function findUser({ name, role }: RakpMessage1): User | undefined {
    const isLookedUpByName = (role & nameOnlyLookUp) !== 0;
    return bmc.users.findByName(name, isLookedUpByName ? privilege.none : role & 0x0f);
  }

  function exchangeOf(id: number, state: RmcpPlusState, message: RakpMessage1): RakpExchange {
    return {
      remoteConsoleSessionId: state.remoteConsoleSessionId,
      managedSystemSessionId: id,
      remoteConsoleRandom: Buffer.from(message.remoteConsoleRandom),
      managedSystemRandom: Buffer.from(randomBytes(16)),
      managedSystemGuid: bmc.guid(),
      role: message.role,
      name: Buffer.from(message.name),
    };
  }

  function activate(session: Session, state: RmcpPlusState, { user, maximumPrivilege, sik }: KeyExchange): void {
    state.protection = createSessionProtection(state.suite, sik, user.password, randomBytes);
    session.active = {
      id: session.id,
      handle: session.handle,
      protocol: "rmcpPlus",
      userId: user.id,
      userName: user.name,
      maximumPrivilege,
      privilege: startingPrivilege(maximumPrivilege),
      inbound: createSequenceWindow(rmcpPlusReach),
      replies: createReplyCache(),
    };
  }

  return { openSession, rakp1, rakp3 };
}

function refusal(tag: number, status: number, sessionId: number): Buffer {
  return encodeRakpStatus({ tag, status, sessionId });
}

function whoOf({ user }: KeyExchange, remote: Remote): { user: string; source: string } {
  return { user: user.name, source: remote.address };
}

function newState(
  remoteConsoleSessionId: number,
  suite: CipherSuite,
  maximumPrivilege: Privilege,
): RmcpPlusState & { readonly protocol: "rmcpPlus" } {
  return {
    protocol: "rmcpPlus",
    remoteConsoleSessionId,
    suite,
    maximumPrivilege,
    opened: undefined,
    rakp1: undefined,
    rakp3: undefined,
    keyExchange: undefined,
    protection: undefined,
    outboundSequence: 0,
  };
}

/** The very same request from the very same socket, while its session has not gone on. */
function isRepeated({ state, remote: first }: Session, payload: Buffer, { address, port }: Remote): boolean {
  return (
    state.protocol === "rmcpPlus" &&
    first.port === port &&
    first.address === address &&
    !state.rakp1 &&
    state.opened?.request.equals(payload) === true
  );
}

/** The strongest enabled suite that fits, or the status code that says which algorithm does not (§13.18, §13.24). */
function chooseSuite(proposed: ProposedAlgorithms, enabled: readonly number[]): CipherSuite | number {
  const fits = (suite: CipherSuite, kind: keyof ProposedAlgorithms): boolean =>
    proposed[kind] === undefined || proposed[kind] === suite[kind].id;
  const usable = cipherSuites.filter(({ id }) => enabled.includes(id));
  const suite = usable.find(
    (row) => fits(row, "authentication") && fits(row, "integrity") && fits(row, "confidentiality"),
  );
  if (suite) {
    return suite;
  }
  if (!usable.some((row) => fits(row, "authentication"))) {
    return rmcpPlusStatus.invalidAuthenticationAlgorithm;
  }
  if (!usable.some((row) => fits(row, "integrity"))) {
    return rmcpPlusStatus.invalidIntegrityAlgorithm;
  }
  if (!usable.some((row) => fits(row, "confidentiality"))) {
    return rmcpPlusStatus.invalidConfidentialityAlgorithm;
  }
  return rmcpPlusStatus.noCipherSuiteMatch;
}

/** What Open Session Response tells: FreeIPMI asks for 0 and fails on anything below the real maximum. */
function offeredPrivilege({ maximumPrivilege }: OpenSessionRequest, bmc: Bmc): Privilege | undefined {
  if (maximumPrivilege > privilege.administrator) {
    return undefined;
  }
  const limit = Math.min(bmc.channel.privilegeLimit, privilege.administrator) as Privilege;
  return maximumPrivilege === privilege.none ? limit : (Math.min(maximumPrivilege, limit) as Privilege);
}
