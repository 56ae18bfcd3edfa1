/** The blocks of System Info strings (IPMI 2.0 table 22-16c): 14 bytes after encoding and length, then 16 each. */
export const firstBlockLength = 14;
export const blockLength = 16;
/** The last block of a 255-byte string. */
export const lastBlock = 16;
