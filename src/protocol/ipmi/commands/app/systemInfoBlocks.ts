/** The blocks that System Info strings come in (IPMI 2.0 table 22-16c): 14 bytes behind encoding and length, then 16 each. */
export const firstBlockLength = 14;
export const blockLength = 16;
/** 255 bytes end in this one. */
export const lastBlock = 16;
