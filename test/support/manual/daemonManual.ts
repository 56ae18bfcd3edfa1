/** vbmcd(8): of the table of its options. */
import { daemonOptions, description, flagsOf } from "../../../src/process/daemon/options.js";
import { sectionOfConfiguration } from "./configurationManual.js";
import { bold, escaped, fromMarkdown, heading, type ManualPage, paragraph, tagged } from "./roff.js";

export function daemonManual(): ManualPage {
  const synopsis = daemonOptions.map(({ long }) => `[${bold(`--${long}`)}]`).join(" ");
  return {
    name: "vbmcd",
    section: 8,
    purpose: "serve virtual BMCs for VMware vSphere virtual machines",
    body: [
      heading("Synopsis"),
      `${bold("vbmcd")} ${synopsis}\n`,
      heading("Description"),
      `${escaped(description)}\n`,
      fromMarkdown(life),
      heading("Options"),
      ...daemonOptions.map((option) => tagged(bold(flagsOf(option)), escaped(option.description))),
      heading("Exit status"),
      tagged(bold("0"), "It was ended by a signal; without \\fB\\-\\-foreground\\fR: it runs in the background."),
      tagged(bold("1"), "It could not start; one line on standard error says why."),
      tagged(bold("2"), "A usage error."),
      heading("Environment"),
      tagged(bold("VIRTUALBMC_CONFIG"), "The configuration file, in place of those below."),
      heading("Signals"),
      fromMarkdown(sectionOfConfiguration("Signals")),
      heading("Files"),
      fromMarkdown(files),
      heading("See also"),
      paragraph("\\fBvbmc\\fR(1), \\fBvbmc.conf\\fR(5), \\fBipmitool\\fR(1)"),
    ].join(""),
  };
}

const life = `
One process is forked for each BMC (or for many, \`bmcs_per_process\`), and one for each vCenter account. What runs is what the
files say: they are looked at every 3 s and after each command of vbmc(1). A BMC that fails is tried again. BMCs that run come
back when the daemon is started again. It runs as an ordinary user; ports below 1024 need CAP_NET_BIND_SERVICE, which the
systemd unit that comes with the package gives.
`;

const files = `
| file | meaning |
| --- | --- |
| \`~/.vbmc/virtualbmc.conf\`, \`/etc/virtualbmc/virtualbmc.conf\` | the configuration; the first one that exists |
| \`CONFIG_DIR/NAME/config\` | a BMC |
| \`CONFIG_DIR/NAME/sel.journal\` | its System Event Log |
| \`CONFIG_DIR/.control-keys.json\` | who can read it commands the daemon |
| \`~/.vbmc/master.pid\` | the pid |
| \`~/.cache/vbmc4vsphere\` | code that was compiled before, which makes starts faster; may be removed at any time |
`;
