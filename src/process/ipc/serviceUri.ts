/**
 * The service URI of a VM's serial port at the concentrator, which proves the VM's identity: `vbmc:NAME?token=TOKEN`.
 */

const pattern = /^vbmc:([^?]*)\?token=([A-Za-z0-9_-]{1,128})$/;

export function serviceUriOf(vmName: string, token: string): string {
  return `vbmc:${encodeURIComponent(vmName)}?token=${token}`;
}

/** undefined for a URI of another form. */
export function tokenIn(serviceUri: string): string | undefined {
  return pattern.exec(serviceUri)?.[2];
}
