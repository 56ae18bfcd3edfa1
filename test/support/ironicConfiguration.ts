/** ironic.conf of a standalone Ironic that knows the hardware types `ipmi` and `redfish`. */

/** section → key → value; a list is joined by commas. */
export type IronicSettings = Readonly<Record<string, Readonly<Record<string, string | number | readonly string[]>>>>;

const standalone: IronicSettings = {
  DEFAULT: {
    auth_strategy: "noauth",
    rpc_transport: "json-rpc",
    // The bus of notifications is set up in any case: one inside the process needs no RabbitMQ.
    transport_url: "fake:/",
    // The name of the conductor is where the API looks for it.
    host: "127.0.0.1",
    my_ip: "127.0.0.1",
    enabled_hardware_types: ["ipmi", "redfish"],
    enabled_boot_interfaces: ["pxe", "redfish-virtual-media"],
    enabled_console_interfaces: "no-console",
    enabled_deploy_interfaces: ["direct", "ramdisk"],
    enabled_bios_interfaces: ["no-bios", "redfish"],
    enabled_inspect_interfaces: ["no-inspect", "redfish"],
    enabled_management_interfaces: ["ipmitool", "redfish"],
    enabled_network_interfaces: "noop",
    enabled_power_interfaces: ["ipmitool", "redfish"],
    enabled_raid_interfaces: "no-raid",
    enabled_storage_interfaces: "noop",
    enabled_vendor_interfaces: ["ipmitool", "no-vendor"],
    minimum_required_memory: 0,
    graceful_shutdown_timeout: 3,
  },
  api: { host_ip: "127.0.0.1", api_workers: 1 },
  json_rpc: { host_ip: "127.0.0.1" },
  // Notifications, the sensor data among them, go into the log.
  oslo_messaging_notifications: { driver: "log" },
  // Its default asks Neutron.
  dhcp: { dhcp_provider: "none" },
};

/** Where Ironic takes minutes, since hardware is slow, these take seconds. */
const quick: IronicSettings = {
  conductor: {
    workers_pool_size: 8,
    automated_clean: "false",
    sync_power_state_interval: 2,
    power_state_sync_max_retries: 1,
    power_failure_recovery_interval: 2,
    power_state_change_timeout: 30,
    soft_power_off_timeout: 30,
  },
  // The suites to try are those of Metal³.
  ipmi: { min_command_interval: 1, command_retry_timeout: 4, cipher_suite_versions: ["3", "17"] },
};

/** The text of ironic.conf; everything that Ironic writes is in `folder`. Of two settings the later counts. */
export function ironicConfiguration(folder: string, settings: readonly IronicSettings[]): string {
  const places: IronicSettings = {
    DEFAULT: { tempdir: folder, state_path: folder },
    database: { connection: `sqlite:///${folder}/ironic.sqlite` },
    oslo_concurrency: { lock_path: folder },
    conductor: { file_url_allowed_paths: folder },
    deploy: { http_root: `${folder}/http` },
    pxe: { tftp_root: folder, tftp_master_path: `${folder}/master`, images_path: `${folder}/images` },
  };
  const merged = new Map<string, Record<string, string | number | readonly string[]>>();
  for (const [section, values] of [standalone, quick, places, ...settings].flatMap((each) => Object.entries(each))) {
    merged.set(section, { ...merged.get(section), ...values });
  }
  return [...merged].map(([section, values]) => `[${section}]\n${lines(values)}`).join("\n");
}

function lines(values: IronicSettings[string]): string {
  return Object.entries(values)
    .map(([key, value]) => `${key} = ${String(value)}\n`)
    .join("");
}
