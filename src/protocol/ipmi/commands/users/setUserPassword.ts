/** Set User Password (IPMI 2.0 §22.30, table 22-36): also enables, disables, and tests a password. */
import { timingSafeEqual } from "node:crypto";

import type { User } from "../../../../model/bmc/users/user.js";
import { type CommandContext, defineCommand } from "../../command.js";
import { CompletionError } from "../../completionCode.js";
import { netFn } from "../../netFn.js";
import { privilege } from "../../privilege.js";
import { requireDataLength } from "../../requestData.js";
import { changeUser } from "./changeUser.js";
import { decodeUserId, userWithId } from "./userId.js";

const longPassword = 0x80;
const maxPasswordLength = 20;
const operations = ["disable", "enable", "set", "test"] as const;

const wrongPassword = 0x80;
const wrongPasswordSize = 0x81;

interface Request {
  readonly id: number;
  readonly operation: (typeof operations)[number];
  readonly size: 16 | 20;
  /** Padded with zeros to `size`; only used by set and test. */
  readonly field: Buffer;
}

export const setUserPassword = defineCommand<Request>({
  netFn: netFn.app,
  command: 0x47,
  name: "Set User Password",
  section: "22.30",
  privilege: privilege.administrator,
  decode: (data) => {
    requireDataLength(data, 2, 2 + maxPasswordLength);
    const [idAndSize = 0, bits = 0] = data;
    const operation = operations[bits & 0x03] ?? "disable";
    const size = (idAndSize & longPassword) === 0 ? 16 : 20;
    if (operation === "set" || operation === "test") {
      requireDataLength(data, 2 + size);
    }
    return { id: decodeUserId(idAndSize), operation, size, field: data.subarray(2) };
  },
  run: (request, context) => {
    const { id, operation, size, field } = request;
    switch (operation) {
      case "disable":
      case "enable":
        return changeUser(id, { enabled: operation === "enable" }, context);
      case "set":
        return changeUser(id, { password: withoutPadding(field), passwordSize: size }, context);
      case "test":
        testPassword(request, context);
        return undefined;
    }
  },
});

function testPassword({ id, size, field }: Request, context: CommandContext): void {
  const user = userWithId(id, context);
  if (size !== user.passwordSize) {
    throw new CompletionError(wrongPasswordSize, "the password was stored with a different size");
  }
  if (!timingSafeEqual(padded(user), padded({ password: field }))) {
    throw new CompletionError(wrongPassword, "this is not the user's password");
  }
}

function padded({ password }: Pick<User, "password">): Buffer {
  return Buffer.concat([password], maxPasswordLength);
}

/** A copy, since the datagram's buffer is reused; HMAC and MD5 pad keys with zeros anyway. */
function withoutPadding(field: Buffer): Buffer {
  let length = field.length;
  while (length > 0 && field[length - 1] === 0) {
    length--;
  }
  return Buffer.from(field.subarray(0, length));
}
