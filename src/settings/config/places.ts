/** Default paths, by the name that the programs are called by: that of the original 0.0.x, or of 0.1 and later. */

export interface Places {
  /** The command line's program, and the daemon's. */
  readonly client: "vbmc" | "vsbmc";
  readonly daemon: "vbmcd" | "vsbmcd";
  /** Environment variable that names the settings. */
  readonly variable: string;
  /** In the user's home: settings, BMCs and pid file. */
  readonly folder: string;
  /** Name of the settings in that folder. */
  readonly fileName: string;
  readonly systemFile: string;
}

export const vbmcPlaces: Places = {
  client: "vbmc",
  daemon: "vbmcd",
  variable: "VIRTUALBMC_CONFIG",
  folder: ".vbmc",
  fileName: "virtualbmc.conf",
  systemFile: "/etc/virtualbmc/virtualbmc.conf",
};

export const vsbmcPlaces: Places = {
  client: "vsbmc",
  daemon: "vsbmcd",
  variable: "VBMC4VSPHERE_CONFIG",
  folder: ".vsbmc",
  fileName: "vbmc4vsphere.conf",
  systemFile: "/etc/vbmc4vsphere/vbmc4vsphere.conf",
};

/** @param program as it was called: `vbmc`, `vbmcd`, `vsbmc`, `vsbmcd` */
export function placesOf(program: string): Places {
  return program.startsWith("vs") ? vsbmcPlaces : vbmcPlaces;
}
