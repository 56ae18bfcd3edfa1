/** What a VM's serial port is told to ask the concentrator for; it proves which VM it is: `vbmc:NAME?token=TOKEN`. */

const pattern = /^vbmc:([^?]*)\?token=([A-Za-z0-9_-]{1,128})$/;

export function serviceUriOf(vmName: string, token: string): string {
  return `vbmc:${encodeURIComponent(vmName)}?token=${token}`;
}

/** undefined where the URI is not one of ours. */
export function tokenIn(serviceUri: string): string | undefined {
  return pattern.exec(serviceUri)?.[2];
}
