/** RAKP Messages 3 and 4 (IPMI 2.0 §13.22-23), on the managed system's side: the session opens. */
import { decodeRakpMessage3, encodeRakpStatus, encodeRakpWithCode, type RakpMessage3 } from "../../../rmcp/rakp.js";
import { rmcpPlusStatus } from "../../../rmcp/statusCode.js";
import { areEqual, createSessionProtection } from "../../../security/protection.js";
import { rakp3AuthCode, rakp4IntegrityCheckValue } from "../../../security/rakpKeys.js";
import { startingPrivilege } from "../../privilege.js";
import { createReplyCache } from "../replyCache.js";
import { createSequenceWindow, rmcpPlusReach } from "../sequenceWindow.js";
import type { KeyExchange, Remote, RmcpPlusState, Session } from "../session.js";
import type { HandshakeContext } from "./context.js";
import { answerAgain, unknownSession } from "./retransmission.js";

export function answerRakp3(context: HandshakeContext, payload: Buffer, remote: Remote): Buffer | undefined {
  const message = decodeRakpMessage3(payload);
  const session = context.sessions.find(message.sessionId);
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
    giveUp(context, message, session, keys, remote);
    return undefined;
  }
  const reply = checkAuthCode(context, message, session, state, keys, remote);
  state.rakp3 = { request: Buffer.from(payload), reply };
  return reply;
}

/** The console could not verify RAKP Message 2: usually the user typed a wrong password (§13.22). */
function giveUp(
  { sessions, loginFailures, log }: HandshakeContext,
  { status }: RakpMessage3,
  session: Session,
  { user }: KeyExchange,
  remote: Remote,
): void {
  sessions.close(session.id);
  if (status === rmcpPlusStatus.invalidIntegrityCheckValue) {
    loginFailures.failed("wrong password", remote.address, user);
  } else {
    log("debug", "the console aborted the login", { source: remote.address, user: user.name, status });
  }
}

function checkAuthCode(
  context: HandshakeContext,
  { tag, keyExchangeAuthCode }: RakpMessage3,
  session: Session,
  state: RmcpPlusState,
  keys: KeyExchange,
  remote: Remote,
): Buffer {
  const { loginFailures, log } = context;
  const { authentication } = state.suite;
  const { user, exchange, sik } = keys;
  const sessionId = state.remoteConsoleSessionId;
  const expected = rakp3AuthCode(authentication, user.password, exchange);
  // Check before comparing: guesses that began before the user was disabled must fail too.
  const isDisabled = loginFailures.isDisabled(user);
  if (isDisabled || !areEqual(expected, keyExchangeAuthCode)) {
    state.refused = true;
    state.keyExchange = undefined;
    loginFailures.failed(isDisabled ? "user disabled after bad passwords" : "wrong password", remote.address, user);
    return encodeRakpStatus({ tag, status: rmcpPlusStatus.invalidIntegrityCheckValue, sessionId });
  }
  session.remote = remote;
  activate(context, session, state, keys);
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

function activate(
  { sessions, randomBytes }: HandshakeContext,
  session: Session,
  state: RmcpPlusState,
  { user, maximumPrivilege, sik }: KeyExchange,
): void {
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
