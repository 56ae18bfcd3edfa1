/** Why an operation was not carried out, as one line for the user. */
export class OperationError extends Error {
  override readonly name = "OperationError";
}
