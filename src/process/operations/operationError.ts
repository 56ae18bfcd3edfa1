/** Why an operation was not done, in one line for whoever asked for it. */
export class OperationError extends Error {
  override readonly name = "OperationError";
}
