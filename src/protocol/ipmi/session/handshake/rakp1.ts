/**
 * RAKP Messages 1 and 2 (IPMI 2.0 §13.20-21), on the managed system's side: identify the user and check the privilege.
 */
import type { Bmc } from "../../../../model/bmc/bmc.js";
import type { User } from "../../../../model/bmc/users/users.js";
import { decodeRakpMessage1, encodeRakpMessage2, encodeRakpStatus, type RakpMessage1 } from "../../../rmcp/rakp.js";
import { rmcpPlusStatus } from "../../../rmcp/statusCode.js";
import { rakp2AuthCode, type RakpExchange, sessionIntegrityKey } from "../../../security/rakpKeys.js";
import { type Privilege, privilege } from "../../privilege.js";
import type { Remote, RmcpPlusState, Session } from "../session.js";
import type { HandshakeContext } from "./context.js";
import { answerAgain, unknownSession } from "./retransmission.js";

const maxNameLength = 16;
const nameOnlyLookUp = 0x10;
/** Used as the password of an unknown user, so that both cases take the same time. */
const noPassword = Buffer.alloc(20);

export function answerRakp1(context: HandshakeContext, payload: Buffer, remote: Remote): Buffer | undefined {
  const message = decodeRakpMessage1(payload);
  const session = context.sessions.find(message.managedSystemSessionId);
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
  const reply = checkUser(context, message, session, state, remote);
  state.rakp1 = { request: Buffer.from(payload), reply };
  return reply;
}

function checkUser(
  context: HandshakeContext,
  message: RakpMessage1,
  session: Session,
  state: RmcpPlusState,
  remote: Remote,
): Buffer {
  const { bmc, loginFailures } = context;
  const { tag } = message;
  const sessionId = state.remoteConsoleSessionId;
  const refuse = (status: number): Buffer => {
    state.refused = true;
    return encodeRakpStatus({ tag, status, sessionId });
  };
  if (message.nameLength > maxNameLength) {
    return refuse(rmcpPlusStatus.invalidNameLength);
  }
  const requested = message.role & 0x0f;
  if (requested > privilege.administrator) {
    return refuse(rmcpPlusStatus.invalidRole);
  }
  const user = findUser(bmc, message);
  const isDisabled = user !== undefined && loginFailures.isDisabled(user);
  const exchange = exchangeOf(context, session.id, state, message);
  const password = user?.password ?? noPassword;
  const keyExchangeAuthCode = rakp2AuthCode(state.suite.authentication, password, exchange);
  const sik = sessionIntegrityKey(state.suite.authentication, bmc.kg ?? password, exchange);
  if (!user || isDisabled) {
    loginFailures.failed(isDisabled ? "user disabled after bad passwords" : "unknown user", remote.address, user);
    return refuse(rmcpPlusStatus.unauthorizedName);
  }
  const limit = privilegeLimit(bmc, user, state);
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

/** Name-only lookup, or the first user of that name with the requested privilege (§13.20, role bit 4). */
function findUser({ users }: Bmc, { name, role }: RakpMessage1): User | undefined {
  const isLookedUpByName = (role & nameOnlyLookUp) !== 0;
  return users.findByName(name, isLookedUpByName ? privilege.none : role & 0x0f);
}

/** The highest level that user, channel, cipher suite and Open Session all allow. */
function privilegeLimit(bmc: Bmc, user: User, state: RmcpPlusState): Privilege {
  return Math.min(
    user.privilegeLimit,
    bmc.channel.active().privilegeLimit,
    bmc.lanSettings.cipherSuiteLimit(state.suite.id),
    state.maximumPrivilege,
  ) as Privilege;
}

function exchangeOf(
  { bmc, randomBytes }: HandshakeContext,
  id: number,
  state: RmcpPlusState,
  message: RakpMessage1,
): RakpExchange {
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
