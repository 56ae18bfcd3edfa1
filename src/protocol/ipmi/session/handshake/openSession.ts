/** Open Session Request and Response (IPMI 2.0 §13.17-18), on the managed system's side. */
import type { Bmc } from "../../../../model/bmc/bmc.js";
import {
  decodeOpenSessionRequest,
  encodeOpenSessionResponse,
  type OpenSessionRequest,
  type ProposedAlgorithms,
} from "../../../rmcp/openSession.js";
import { rmcpPlusStatus } from "../../../rmcp/statusCode.js";
import { type CipherSuite, cipherSuites } from "../../../security/cipherSuites.js";
import { type Privilege, privilege } from "../../privilege.js";
import type { Remote, RmcpPlusState } from "../session.js";
import type { HandshakeContext } from "./context.js";

const noReply = Buffer.alloc(0);

export function answerOpenSession({ bmc, sessions }: HandshakeContext, payload: Buffer, remote: Remote): Buffer {
  const request = decodeOpenSessionRequest(payload);
  const begun = sessions.findBegun(payload, remote);
  if (begun?.state.protocol === "rmcpPlus" && !begun.state.rakp1) {
    return begun.state.openSessionResponse;
  }
  const { tag, remoteConsoleSessionId } = request;
  const refuse = (status: number): Buffer => encodeOpenSessionResponse({ tag, status, remoteConsoleSessionId });
  // 0 means "outside a session" in every packet (§13.6), so such a console could not be answered in its session.
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

/** LAN parameter 24 may have left a suite without any privilege level. */
function usableSuites({ cipherSuites: enabled, lanSettings }: Bmc): readonly number[] {
  return enabled.filter((id) => lanSettings.cipherSuiteLimit(id) > privilege.none);
}

/**
 * The strongest enabled suite that matches. Otherwise the status is always 11h, whichever algorithm is the problem:
 * FreeIPMI, and with it MAAS and Ironic, take only that as "try another suite", and 04h, 05h and 10h as a BMC error.
 */
function chooseSuite(proposed: ProposedAlgorithms, enabled: readonly number[]): CipherSuite | undefined {
  const fits = (suite: CipherSuite, kind: keyof ProposedAlgorithms): boolean =>
    proposed[kind] === undefined || proposed[kind] === suite[kind].id;
  return cipherSuites.find(
    (row) =>
      enabled.includes(row.id) && fits(row, "authentication") && fits(row, "integrity") && fits(row, "confidentiality"),
  );
}

/** The level in Open Session Response: FreeIPMI requests 0 and fails for anything below the real maximum. */
function offeredPrivilege({ maximumPrivilege }: OpenSessionRequest, bmc: Bmc): Privilege | undefined {
  if (maximumPrivilege > privilege.administrator) {
    return undefined;
  }
  const limit = Math.min(bmc.channel.active().privilegeLimit, privilege.administrator) as Privilege;
  return maximumPrivilege === privilege.none ? limit : (Math.min(maximumPrivilege, limit) as Privilege);
}
