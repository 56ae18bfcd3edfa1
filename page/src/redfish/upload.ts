/** Sends a file into a drive; by XMLHttpRequest, since `fetch` reports no progress of what it sends. */
import { RedfishFailure, unreachable } from "./client.js";

export interface UploadTarget {
  readonly name: string;
  readonly slot: "cd" | "floppy";
}

/**
 * Resolves when the image is in the drive; rejects with RedfishFailure.
 * @param onProgress gets percent
 */
export function upload(
  file: File,
  { name, slot }: UploadTarget,
  token: string,
  onProgress: (percent: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `/media/${encodeURIComponent(name)}/${slot}/${encodeURIComponent(file.name)}`);
    request.setRequestHeader("X-Auth-Token", token);
    request.upload.onprogress = ({ loaded, total }) => onProgress(Math.floor((loaded / total) * 100));
    request.onload = () => {
      if (request.status < 300) {
        resolve();
      } else {
        reject(new RedfishFailure(request.status, messageIn(request.responseText)));
      }
    };
    request.onerror = () => reject(new RedfishFailure(0, unreachable));
    request.send(file);
  });
}

function messageIn(text: string): string {
  try {
    return (JSON.parse(text) as { error: { message: string } }).error.message;
  } catch {
    return "The upload failed.";
  }
}
