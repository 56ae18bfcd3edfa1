/** Get and Set SDR Repository Time (IPMI 2.0 §33.17-18): the BMC has only one clock, that of the SEL. */
import type { Command } from "../../command.js";
import { getSelTime, setSelTime } from "../sel/selTime.js";

export const getSdrRepositoryTime: Command = {
  ...getSelTime,
  command: 0x28,
  name: "Get SDR Repository Time",
  section: "33.17",
};
export const setSdrRepositoryTime: Command = {
  ...setSelTime,
  command: 0x29,
  name: "Set SDR Repository Time",
  section: "33.18",
};
