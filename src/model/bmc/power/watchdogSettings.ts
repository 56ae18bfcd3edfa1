/** The settings of the watchdog timer (IPMI 2.0 §27.6), and their stored form. */
import { boolean, fields, integer } from "../../../base/document/codec.js";

export interface WatchdogSettings {
  readonly isSilent: boolean;
  /** Timer use, 1-5: BIOS FRB2, BIOS/POST, OS load, SMS/OS, OEM. */
  readonly use: number;
  readonly sendsNmi: boolean;
  /** 0 none, 1 hard reset, 2 power down, 3 power cycle. */
  readonly action: number;
  /** Seconds before the end at which the NMI is sent. */
  readonly preTimeoutSeconds: number;
  /** In units of 100 ms. */
  readonly initialCountdown: number;
}

/** The document of the watchdog timer. */
export interface PersistedWatchdog {
  readonly settings: WatchdogSettings;
  readonly expirationFlags: number;
  /** A BMC that ends while the timer runs reports that at its next start. */
  readonly isRunning: boolean;
}

/** By action number. */
export const watchdogActions: readonly ("reset" | "off" | "cycle" | undefined)[] = [undefined, "reset", "off", "cycle"];

export const defaultWatchdog: PersistedWatchdog = {
  settings: {
    isSilent: false,
    // SMS/OS: the use of a driver in the guest.
    use: 4,
    sendsNmi: false,
    action: 0,
    preTimeoutSeconds: 0,
    initialCountdown: 0,
  },
  expirationFlags: 0,
  isRunning: false,
};

export const watchdogCodec = fields<PersistedWatchdog>({
  settings: fields<WatchdogSettings>({
    isSilent: boolean,
    use: integer(1, 5),
    sendsNmi: boolean,
    action: integer(0, watchdogActions.length - 1),
    preTimeoutSeconds: integer(0, 0xff),
    initialCountdown: integer(0, 0xffff),
  }),
  expirationFlags: integer(0, 0x3e),
  isRunning: boolean,
});
