/** Network function codes of requests (IPMI 2.0 table 5-1); the response has the next number. */
export const netFn = {
  chassis: 0x00,
  bridge: 0x02,
  sensorEvent: 0x04,
  app: 0x06,
  firmware: 0x08,
  storage: 0x0a,
  transport: 0x0c,
  /** Group extension: the first data byte is the defining body (DCMI is DCh). */
  group: 0x2c,
} as const;

/** Odd numbers are responses (§5.1). */
export function isResponse(netFn: number): boolean {
  return (netFn & 1) === 1;
}
