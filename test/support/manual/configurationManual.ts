/** vbmc.conf(5): docs/configuration.md as a manual page. */
import { configurationPage } from "../configurationPage.js";
import { fromMarkdown, heading, type ManualPage, paragraph } from "./roff.js";

export function configurationManual(): ManualPage {
  const page = configurationPage().replace(/^# .*\n/, "");
  return {
    name: "vbmc.conf, virtualbmc.conf",
    section: 5,
    purpose: "configuration of vbmc and vbmcd, and of each virtual BMC",
    body: [
      heading("Description"),
      fromMarkdown(page),
      heading("See also"),
      paragraph("\\fBvbmc\\fR(1), \\fBvbmcd\\fR(8)"),
    ].join(""),
  };
}

/** A section of docs/configuration.md, without its heading. */
export function sectionOfConfiguration(title: string): string {
  const [, section] = configurationPage().split(`\n## ${title}\n`);
  if (section === undefined) {
    throw new Error(`docs/configuration.md has no section ${title}`);
  }
  return section.split("\n## ")[0] ?? "";
}
