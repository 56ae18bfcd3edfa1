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
  type RakpMessage3,
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
import type { LoginFailures } from "./loginFailures.js";
import { createReplyCache } from "./replyCache.js";
import { createSequenceWindow, rmcpPlusReach } from "./sequenceWindow.js";
import type { Answered, KeyExchange, Remote, RmcpPlusState, Session } from "./session.js";
import type { SessionTable } from "./sessionTable.js";

export interface HandshakeOptions {
  readonly bmc: Bmc;
  readonly sessions: SessionTable;
  readonly loginFailures: LoginFailures;
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
const noReply = Buffer.alloc(0);

export function createHandshake({ bmc, sessions, loginFailures, randomBytes, log }: HandshakeOptions): Handshake {
  function openSession(payload: Buffer, remote: Remote): Buffer {
    const request = decodeOpenSessionRequest(payload);
    const begun = sessions.findBegun(payload, remote);
    if (begun?.state.protocol === "rmcpPlus" && !begun.state.rakp1) {
      return begun.state.openSessionResponse;
    }
    const { tag, remoteConsoleSessionId } = request;
    const refuse = (status: number): Buffer => encodeOpenSessionResponse({ tag, status, remoteConsoleSessionId });
    // 0 stands for "outside a session" in every packet (§13.6): the console could not be answered in its session.
    if (remoteConsoleSessionId === 0) {
      return refuse(rmcpPlusStatus.invalidSessionId);
    }
    const suite = chooseSuite(request.algorithms, usableSuites(bmc));
    if (!suite) {
      return refuse(rmcpPlusStatus.noCipherSuiteMatch);
    }
    const maximumPrivilege = offeredPrivilege(request, bmc);
    if (maximumPrivilege === undefined) {
      return refuse(rmcpPlusStatus.invalidRole);
    }
    const state = newState(remoteConsoleSessionId, suite, maximumPrivilege);
    const session = sessions.begin(remote, state, payload);
    state.openSessionResponse = encodeOpenSessionResponse({
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
    return state.openSessionResponse;
  }

  function rakp1(payload: Buffer, remote: Remote): Buffer | undefined {
    const message = decodeRakpMessage1(payload);
    const session = sessions.find(message.managedSystemSessionId);
    if (session?.state.protocol !== "rmcpPlus") {
      return unknownSession(message.tag);
    }
    const { state } = session;
    const again = answerAgain(state.rakp1, payload);
    if (again) {
      return again;
    }
    if (session.active || state.refused) {
      return undefined;
    }
    const reply = answerRakp1(message, session, state, remote);
    state.rakp1 = { request: Buffer.from(payload), reply };
    return reply;
  }

  function answerRakp1(message: RakpMessage1, session: Session, state: RmcpPlusState, remote: Remote): Buffer {
    const { tag } = message;
    const sessionId = state.remoteConsoleSessionId;
    const refuse = (status: number): Buffer => {
      state.refused = true;
      return encodeRakpStatus({ tag, status, sessionId });
    };
    if (message.nameLength > maximumNameLength) {
      return refuse(rmcpPlusStatus.invalidNameLength);
    }
    const requested = message.role & 0x0f;
    if (requested > privilege.administrator) {
      return refuse(rmcpPlusStatus.invalidRole);
    }
    const user = findUser(message);
    const isDisabled = user !== undefined && loginFailures.isDisabled(user);
    const exchange = exchangeOf(session.id, state, message);
    const password = user?.password ?? noPassword;
    const keyExchangeAuthCode = rakp2AuthCode(state.suite.authentication, password, exchange);
    const sik = sessionIntegrityKey(state.suite.authentication, bmc.kg ?? password, exchange);
    if (!user || isDisabled) {
      loginFailures.failed(isDisabled ? "user disabled after bad passwords" : "unknown user", remote.address, user);
      return refuse(rmcpPlusStatus.unauthorizedName);
    }
    const limit = Math.min(
      user.privilegeLimit,
      bmc.channel.active().privilegeLimit,
      bmc.lanSettings.cipherSuiteLimit(state.suite.id),
      state.maximumPrivilege,
    ) as Privilege;
    if (requested > limit) {
      loginFailures.failed("privilege level not allowed", remote.address, user);
      return refuse(rmcpPlusStatus.unauthorizedRole);
    }
    const maximumPrivilege = requested === privilege.none ? limit : (requested as Privilege);
    state.keyExchange = { exchange, user, maximumPrivilege, sik };
    return encodeRakpMessage2({
      tag,
      status: rmcpPlusStatus.ok,
      sessionId,
      managedSystemRandom: exchange.managedSystemRandom,
      managedSystemGuid: exchange.managedSystemGuid,
      keyExchangeAuthCode,
    });
  }

  function rakp3(payload: Buffer, remote: Remote): Buffer | undefined {
    const message = decodeRakpMessage3(payload);
    const session = sessions.find(message.sessionId);
    if (session?.state.protocol !== "rmcpPlus") {
      return unknownSession(message.tag);
    }
    const { state } = session;
    const again = answerAgain(state.rakp3, payload);
    if (again) {
      return again;
    }
    const keys = state.keyExchange;
    if (!keys || session.active || state.refused) {
      return undefined;
    }
    if (message.status !== rmcpPlusStatus.ok) {
      giveUp(message, session, keys, remote);
      return undefined;
    }
    const reply = answerRakp3(message, session, state, keys, remote);
    state.rakp3 = { request: Buffer.from(payload), reply };
    return reply;
  }

  /** The console could not verify RAKP Message 2: as a rule its user typed a wrong password (§13.22). */
  function giveUp({ status }: RakpMessage3, session: Session, { user }: KeyExchange, remote: Remote): void {
    sessions.close(session.id);
    if (status === rmcpPlusStatus.invalidIntegrityCheckValue) {
      loginFailures.failed("wrong password", remote.address, user);
    } else {
      log("debug", "log-in given up by the console", { source: remote.address, user: user.name, status });
    }
  }

  function answerRakp3(
    { tag, keyExchangeAuthCode }: RakpMessage3,
    session: Session,
    state: RmcpPlusState,
    keys: KeyExchange,
    remote: Remote,
  ): Buffer {
    const { authentication } = state.suite;
    const { user, exchange, sik } = keys;
    const sessionId = state.remoteConsoleSessionId;
    const expected = rakp3AuthCode(authentication, user.password, exchange);
    // Before the comparison: guesses that were begun before the user was disabled must not go on.
    const isDisabled = loginFailures.isDisabled(user);
    if (isDisabled || !areEqual(expected, keyExchangeAuthCode)) {
      state.refused = true;
      state.keyExchange = undefined;
      loginFailures.failed(isDisabled ? "user disabled after bad passwords" : "wrong password", remote.address, user);
      return encodeRakpStatus({ tag, status: rmcpPlusStatus.invalidIntegrityCheckValue, sessionId });
    }
    session.remote = remote;
    activate(session, state, keys);
    loginFailures.succeeded(remote.address, user);
    log("debug", "session opened", {
      source: remote.address,
      user: user.name,
      session: session.id,
      cipherSuite: state.suite.id,
    });
    state.keyExchange = undefined;
    state.rakp1 = undefined;
    return encodeRakpWithCode(
      { tag, status: rmcpPlusStatus.ok, sessionId },
      rakp4IntegrityCheckValue(authentication, sik, exchange),
    );
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
    sessions.activate(session, {
      protocol: "rmcpPlus",
      userId: user.id,
      userName: user.name,
      maximumPrivilege,
      privilege: startingPrivilege(maximumPrivilege),
      inbound: createSequenceWindow(rmcpPlusReach),
      replies: createReplyCache(),
    });
  }

  return { openSession, rakp1, rakp3 };
}

/**
 * The answer that the same message has had, under its present tag: FreeIPMI counts the tag, the first byte of a message
 * and of its answer, up with each try, and hears only the answer to the last one.
 */
function answerAgain(answered: Answered | undefined, payload: Buffer): Buffer | undefined {
  if (!answered?.request.subarray(1).equals(payload.subarray(1))) {
    return undefined;
  }
  const reply = Buffer.from(answered.reply);
  reply.set(payload.subarray(0, 1));
  return reply;
}

/** Without its Open Session the console's session ID is unknown; 0 is what is left to answer (§13.21, §13.23). */
function unknownSession(tag: number): Buffer {
  return encodeRakpStatus({ tag, status: rmcpPlusStatus.invalidSessionId, sessionId: 0 });
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
    openSessionResponse: noReply,
    rakp1: undefined,
    rakp3: undefined,
    keyExchange: undefined,
    refused: false,
    protection: undefined,
    outboundSequence: 0,
  };
}

/** LAN parameter 24 may have left a suite without any privilege. */
function usableSuites({ cipherSuites: enabled, lanSettings }: Bmc): readonly number[] {
  return enabled.filter((id) => lanSettings.cipherSuiteLimit(id) > privilege.none);
}

/**
 * The strongest enabled suite that fits. Without one the status is always 11h, whichever algorithm is at fault: FreeIPMI,
 * and MAAS and Ironic after it, know only that as "try another suite", and take 04h, 05h and 10h for an error of the BMC.
 */
function chooseSuite(proposed: ProposedAlgorithms, enabled: readonly number[]): CipherSuite | undefined {
  const fits = (suite: CipherSuite, kind: keyof ProposedAlgorithms): boolean =>
    proposed[kind] === undefined || proposed[kind] === suite[kind].id;
  return cipherSuites.find(
    (row) =>
      enabled.includes(row.id) && fits(row, "authentication") && fits(row, "integrity") && fits(row, "confidentiality"),
  );
}

/** What Open Session Response tells: FreeIPMI asks for 0 and fails on anything below the real maximum. */
function offeredPrivilege({ maximumPrivilege }: OpenSessionRequest, bmc: Bmc): Privilege | undefined {
  if (maximumPrivilege > privilege.administrator) {
    return undefined;
  }
  const limit = Math.min(bmc.channel.active().privilegeLimit, privilege.administrator) as Privilege;
  return maximumPrivilege === privilege.none ? limit : (Math.min(maximumPrivilege, limit) as Privilege);
}
