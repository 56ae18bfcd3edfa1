/** Cipher suites (IPMI 2.0 §22.15.2, table 22-20): those without xRC4. */
import { type AuthenticationAlgorithm, authenticationAlgorithms } from "./authentication.js";
import { type ConfidentialityAlgorithm, confidentialityAlgorithms } from "./confidentiality.js";
import { type IntegrityAlgorithm, integrityAlgorithms } from "./integrity.js";

export interface CipherSuite {
  readonly id: number;
  readonly authentication: AuthenticationAlgorithm;
  readonly integrity: IntegrityAlgorithm;
  readonly confidentiality: ConfidentialityAlgorithm;
}

/** [suite, authentication, integrity, confidentiality], the strongest first. */
const rows: readonly (readonly [number, number, number, number])[] = [
  [17, 3, 4, 1],
  [16, 3, 4, 0],
  [15, 3, 0, 0],
  [3, 1, 1, 1],
  [8, 2, 2, 1],
  [12, 2, 3, 1],
  [2, 1, 1, 0],
  [7, 2, 2, 0],
  [11, 2, 3, 0],
  [1, 1, 0, 0],
  [6, 2, 0, 0],
  [0, 0, 0, 0],
];

function rowWithId<Row extends { readonly id: number }>(table: readonly Row[], id: number): Row {
  const row = table.find((candidate) => candidate.id === id);
  if (!row) {
    throw new Error(`no algorithm ${id} in its table`);
  }
  return row;
}

/** All suites, the strongest first. */
export const cipherSuites: readonly CipherSuite[] = rows.map(([id, authentication, integrity, confidentiality]) => ({
  id,
  authentication: rowWithId(authenticationAlgorithms, authentication),
  integrity: rowWithId(integrityAlgorithms, integrity),
  confidentiality: rowWithId(confidentialityAlgorithms, confidentiality),
}));
