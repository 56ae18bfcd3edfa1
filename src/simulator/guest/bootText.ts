/** What a guest writes to its serial port from the power-on to its login prompt. */
import type { BootSource } from "../boot.js";

/** What the texts tell of the VM. */
export interface GuestFacts {
  readonly hostName: string;
  readonly firmware: string;
  readonly uuid: string;
  readonly cpuCount: number;
  readonly memoryMb: number;
  /** Of the first network adapter. */
  readonly macAddress: string | undefined;
}

export const kernelVersion = "6.1.0-21-amd64";
export const distribution = "Debian GNU/Linux 12";

/** Before anything starts. */
export function firmwareText({ firmware, cpuCount, memoryMb, uuid }: GuestFacts): readonly string[] {
  return [
    "",
    firmware === "efi" ? "VMware EFI firmware (simulated)" : "VMware BIOS (simulated)",
    `${cpuCount} CPU${cpuCount === 1 ? "" : "s"}, ${memoryMb} MB of memory`,
    `UUID ${uuid}`,
  ];
}

export const setupText: readonly string[] = [
  "",
  "Entering the firmware setup",
  "  Main   Advanced   Security   Boot   Exit",
  "Press Esc to leave it and go on with the start.",
];

/** From the device to the kernel; undefined: nothing starts. */
export function loaderText(source: BootSource | undefined, facts: GuestFacts): readonly string[] | undefined {
  switch (source?.device) {
    case "Disk":
      return ["Booting from hard disk ...", "GRUB loading.", "Loading Linux ..."];
    case "Cdrom":
      return [
        `Booting from CD/DVD: ${source.volumeId ?? "no name"} (${source.image ?? ""}) ...`,
        "ISOLINUX 6.04 (simulated)",
        "Loading vmlinuz ...",
      ];
    case "Ethernet":
      return [
        `Booting from network: adapter ${facts.macAddress ?? "without an address"} ...`,
        "PXE: DHCP ... address 192.0.2.10, next server 192.0.2.1, file pxelinux.0",
        "PXE: TFTP ... done",
        "Loading vmlinuz ...",
      ];
    case "Floppy":
      return [`Booting from floppy: ${source.image ?? ""} ...`, "Loading vmlinuz ..."];
    default:
      return undefined;
  }
}

export const nothingToStart: readonly string[] = ["Operating System not found"];

/** `second`: since the kernel started. */
export function kernelText({ hostName, cpuCount, memoryMb }: GuestFacts, source: BootSource): readonly string[] {
  const medium = source.volumeId === undefined ? source.device.toLowerCase() : `cdrom, label ${source.volumeId}`;
  return [
    stamped(0, `Linux version ${kernelVersion} (simulated)`),
    stamped(0, "Command line: BOOT_IMAGE=/vmlinuz console=tty0 console=ttyS0,115200n8"),
    stamped(0.012, `Memory: ${memoryMb * 1_024}K available`),
    stamped(0.054, `smp: Brought up 1 node, ${cpuCount} CPU${cpuCount === 1 ? "" : "s"}`),
    stamped(0.21, "00:05: ttyS0 at I/O 0x3f8 (irq = 4, base_baud = 115200) is a 16550A"),
    stamped(0.32, "printk: console [ttyS0] enabled"),
    stamped(0.87, `root filesystem on ${medium}`),
    "[  OK  ] Started systemd-journald.service - Journal Service.",
    "[  OK  ] Reached target network.target - Network.",
    `[  OK  ] Set hostname to <${hostName}>.`,
    "[  OK  ] Reached target multi-user.target - Multi-User System.",
  ];
}

export function stamped(second: number, text: string): string {
  return `[${second.toFixed(6).padStart(12)}] ${text}`;
}

export function shutdownText(how: "off" | "restart", second: number): readonly string[] {
  return [
    "[  OK  ] Stopped target multi-user.target - Multi-User System.",
    "[  OK  ] Reached target shutdown.target - System Shutdown.",
    stamped(second, how === "off" ? "reboot: Power down" : "reboot: Restarting system"),
  ];
}

/** `cause`: `NMI: Not continuing`. */
export function panicText(cause: string, before: string | undefined, second: number): readonly string[] {
  return [
    ...(before === undefined ? [] : [stamped(second, before)]),
    stamped(second, `Kernel panic - not syncing: ${cause}`),
    stamped(second, `CPU: 0 PID: 0 Comm: swapper/0 Not tainted ${kernelVersion} #1`),
    stamped(second, "Hardware name: VMware, Inc. VMware Virtual Platform (simulated)"),
    stamped(second, "Call Trace:"),
    stamped(second, " dump_stack_lvl+0x44/0x5c"),
    stamped(second, " panic+0x118/0x2ed"),
    stamped(second, " default_do_nmi+0x133/0x150"),
    stamped(second, `---[ end Kernel panic - not syncing: ${cause} ]---`),
  ];
}
