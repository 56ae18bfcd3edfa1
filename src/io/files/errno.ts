/** Describes file system errors in words. */
import { errorCode, isErrno, reasonOf } from "../../base/errors.js";
import { StrangeFileError } from "./regularFile.js";

const words: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EBUSY: "it is in use, or mounted by itself",
  EDQUOT: "disk quota exceeded",
  EFBIG: "the size limit of files is exceeded",
  EIO: "input/output error",
  EISDIR: "it is a folder",
  ELOOP: "its symbolic links form a loop",
  EMFILE: "too many open files",
  ENAMETOOLONG: "the name is too long",
  ENOENT: "no such file or folder",
  ENOSPC: "no space left on device",
  ENOTDIR: "a part of its path is not a folder",
  EPERM: "operation not permitted",
  EROFS: "read-only file system",
  ERR_FS_EISDIR: "it is a folder",
};

/** Describes a file system error in words, without a path. */
export function fileFault(error: unknown): string {
  if (error instanceof StrangeFileError) {
    return error.message;
  }
  return words[errorCode(error) ?? ""] ?? reasonOf(error);
}

/** Whether a write was refused for want of room: a name may be there then, without its content. */
export function isFull(error: unknown): boolean {
  return isErrno(error, "ENOSPC", "EDQUOT", "EFBIG");
}
