/**
 * Additional device support (IPMI 2.0 table 20-2, byte 6): chassis, event receiver, FRU, SEL, SDR repository, sensors. Both
 * Get Device ID and the controller's SDR report it.
 */
export const deviceSupport = 0x9f;
