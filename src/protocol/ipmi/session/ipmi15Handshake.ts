/** Get Session Challenge and Activate Session (IPMI 2.0 §22.16-17), and the packets of the sessions that they open. */
import type { Log } from "../../../base/log.js";
import type { Bmc } from "../../../model/bmc/bmc.js";
import type { LoginFailures } from "../../../model/bmc/users/loginFailures.js";
import { encodeIpmi15Wrapper, type Ipmi15Packet } from "../../rmcp/ipmi15Wrapper.js";
import { MalformedPacketError } from "../../rmcp/malformedPacketError.js";
import { ipmi15Authentication, padPassword } from "../../security/ipmi15Authentication.js";
import { areEqual } from "../../security/protection.js";
import type { Ipmi15Login } from "../command.js";
import { completionCode, CompletionError } from "../completionCode.js";
import { type Privilege, privilege, startingPrivilege } from "../privilege.js";
import { createReplyCache } from "./replyCache.js";
import { createSequenceWindow, ipmi15Reach } from "./sequenceWindow.js";
import type { Ipmi15State, Remote, Session } from "./session.js";
import type { SessionTable } from "./sessionTable.js";

const invalidUserName = 0x81;
const nullUserNotEnabled = 0x82;
const sequenceOutOfRange = 0x84;
const invalidSessionId = 0x85;
const privilegeExceedsLimit = 0x86;

export interface Ipmi15HandshakeOptions {
  readonly bmc: Bmc;
  readonly sessions: SessionTable;
  readonly loginFailures: LoginFailures;
  readonly randomBytes: (size: number) => Buffer;
  readonly log: Log;
}

export interface Ipmi15Handshake {
  /** The login commands for a request from `remote`; `temporary` is the session with the packet's session ID. */
  readonly loginFor: (remote: Remote, temporary: Session | undefined) => Ipmi15Login;
  /** The AuthCode of a packet with a temporary session ID is wrong: each challenge allows one try. */
  readonly refuse: (temporary: Session, state: Ipmi15State, remote: Remote) => void;
}

export function createIpmi15Handshake(options: Ipmi15HandshakeOptions): Ipmi15Handshake {
  const { bmc, sessions, loginFailures, randomBytes, log } = options;

  function challenge(remote: Remote, authType: number, name: Buffer): ReturnType<Ipmi15Login["challenge"]> {
    if (!enabledTypes(bmc).includes(authType)) {
      throw new CompletionError(completionCode.invalidDataField, `authentication type ${authType} is not enabled`);
    }
    const user = bmc.users.findByName(name);
    const isDisabled = user !== undefined && loginFailures.isDisabled(user);
    if (!user || isDisabled || padPassword(user.password) === undefined) {
      loginFailures.failed(isDisabled ? "user disabled after bad passwords" : "unknown user", remote.address, user);
      throw new CompletionError(name.length === 0 ? nullUserNotEnabled : invalidUserName, "no such user");
    }
    const state: Ipmi15State = {
      authType,
      user,
      challenge: Buffer.from(randomBytes(16)),
      activated: undefined,
      outboundSequence: 0,
    };
    const session = sessions.begin(remote, { protocol: "ipmi15", ...state });
    return { temporarySessionId: session.id, challenge: state.challenge };
  }

  function activate(
    remote: Remote,
    temporary: Session | undefined,
    request: Parameters<Ipmi15Login["activate"]>[0],
  ): ReturnType<Ipmi15Login["activate"]> {
    if (temporary?.state.protocol !== "ipmi15" || temporary.active) {
      throw new CompletionError(invalidSessionId, "no challenge has been issued for this session");
    }
    const { state } = temporary;
    if (request.authType !== state.authType || !areEqual(state.challenge, request.challenge)) {
      throw new CompletionError(completionCode.invalidDataField, "the challenge does not match");
    }
    if (request.initialOutboundSequence === 0) {
      throw new CompletionError(sequenceOutOfRange, "the initial outbound sequence number must not be 0");
    }
    const limit = Math.min(state.user.privilegeLimit, bmc.channel.active().privilegeLimit) as Privilege;
    const { maximumPrivilege } = request;
    if (maximumPrivilege === 0 || maximumPrivilege > privilege.administrator) {
      throw new CompletionError(completionCode.invalidDataField, `privilege level ${maximumPrivilege}`);
    }
    if (maximumPrivilege > limit) {
      loginFailures.failed("privilege level not allowed", remote.address, state.user);
      throw new CompletionError(privilegeExceedsLimit, "the requested level exceeds the limit of the user or channel");
    }
    // Not 0, and far enough from the end that it does not wrap soon.
    const initialInboundSequence = (randomBytes(4).readUInt32LE() >>> 1) + 1;
    state.outboundSequence = request.initialOutboundSequence;
    temporary.remote = remote;
    sessions.activate(temporary, {
      protocol: "ipmi15",
      userId: state.user.id,
      userName: state.user.name,
      maximumPrivilege: maximumPrivilege as Privilege,
      privilege: startingPrivilege(maximumPrivilege as Privilege),
      inbound: createSequenceWindow(ipmi15Reach, initialInboundSequence - 1),
      replies: createReplyCache(),
    });
    loginFailures.succeeded(remote.address, state.user);
    log("debug", "session opened", {
      source: remote.address,
      user: state.user.name,
      session: temporary.id,
      protocol: "IPMI 1.5",
    });
    return { authType: state.authType, sessionId: temporary.id, initialInboundSequence, maximumPrivilege };
  }

  return {
    loginFor: (remote, temporary) => ({
      challenge: (authType, name) => challenge(remote, authType, name),
      activate: (request) => activate(remote, temporary, request),
    }),
    refuse: (temporary, { user }, remote) => {
      sessions.close(temporary.id);
      loginFailures.failed("wrong password", remote.address, user);
    },
  };
}

function enabledTypes({ ipmi15Auth }: Bmc): readonly number[] {
  return ipmi15Auth.map((type) => ipmi15Authentication[type].id);
}

function authCodeOf({ authType, user }: Ipmi15State, sessionId: number, sequence: number, message: Buffer): Buffer {
  const row = Object.values(ipmi15Authentication).find(({ id }) => id === authType);
  const password = padPassword(user.password);
  if (!row || !password) {
    throw new MalformedPacketError("the user's password is now too long for IPMI 1.5");
  }
  return row.authCode(password, sessionId, sequence, message);
}

/** Whether the packet belongs to the session. */
export function isAuthentic(
  { authType, sessionId, sequence, payload, authCode }: Ipmi15Packet,
  state: Ipmi15State,
): boolean {
  return authType === state.authType && areEqual(authCodeOf(state, sessionId, sequence, payload), authCode);
}

/** A complete datagram with `message` for the remote console. */
export function sealIpmi15Message(message: Buffer, sessionId: number, state: Ipmi15State): Buffer {
  const sequence = state.outboundSequence;
  // The response to Activate Session has the first number that the console requested; before it every number is 0
  // (§6.12.12).
  state.outboundSequence = sequence === 0 ? 0 : sequence === 0xffff_ffff ? 1 : sequence + 1;
  const { authType } = state;
  const authCode = authCodeOf(state, sessionId, sequence, message);
  return encodeIpmi15Wrapper({ authType, sequence, sessionId, authCode, payload: message });
}
