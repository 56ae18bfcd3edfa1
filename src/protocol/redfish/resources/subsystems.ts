/**
 * DSP0268 "PowerSubsystem 1.1.3", "ThermalSubsystem 1.5.0": a VM has neither power supplies nor fans, which clients that look
 * for them read here. Its power consumption is a sensor.
 */
import { link } from "../json.js";
import { rootUri } from "../representation.js";
import { defineCollection, defineResource } from "../resource.js";

const template = `${rootUri}/Chassis/{chassisId}`;

const powerSubsystem = defineResource({
  uri: `${template}/PowerSubsystem`,
  type: "PowerSubsystem.v1_1_3.PowerSubsystem",
  entity: "ChassisPart",
  read: ({ uri }) => ({
    Id: "PowerSubsystem",
    Name: "Power Subsystem",
    Status: { State: "Enabled", Health: "OK" },
    PowerSupplies: link(`${uri}/PowerSupplies`),
  }),
});

const thermalSubsystem = defineResource({
  uri: `${template}/ThermalSubsystem`,
  type: "ThermalSubsystem.v1_5_0.ThermalSubsystem",
  entity: "ChassisPart",
  read: ({ uri }) => ({
    Id: "ThermalSubsystem",
    Name: "Thermal Subsystem",
    Status: { State: "Enabled", Health: "OK" },
    Fans: link(`${uri}/Fans`),
  }),
});

const none = { entity: "ChassisPart", ids: () => [] } as const;

export const subsystemResources = [
  powerSubsystem,
  defineCollection({
    uri: `${template}/PowerSubsystem/PowerSupplies`,
    of: "PowerSupply",
    name: "Power Supplies",
    ...none,
  }),
  thermalSubsystem,
  defineCollection({ uri: `${template}/ThermalSubsystem/Fans`, of: "Fan", name: "Fans", ...none }),
];
