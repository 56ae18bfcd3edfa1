/** Messages from the registries ResourceEvent 1.4.3 and TaskEvent 1.0.5 (DSP8011) that events use. */

export const eventRegistries = {
  ResourceEvent: { version: "1.4.3", idPrefix: "ResourceEvent.1.4" },
  TaskEvent: { version: "1.0.5", idPrefix: "TaskEvent.1.0" },
} as const;

export type EventRegistry = keyof typeof eventRegistries;

/** Registry, severity, text with `%1` for the first argument. */
export const eventMessages = {
  ResourceCreated: ["ResourceEvent", "OK", "The resource was created successfully."],
  ResourceRemoved: ["ResourceEvent", "OK", "The resource was removed successfully."],
  ResourceChanged: ["ResourceEvent", "OK", "One or more resource properties have changed."],
  ResourcePoweredOn: ["ResourceEvent", "OK", "The resource '%1' has powered on."],
  ResourcePoweredOff: ["ResourceEvent", "OK", "The resource '%1' has powered off."],
  ResourceStatusChangedOK: ["ResourceEvent", "OK", "The health of resource '%1' has changed to %2."],
  ResourceStatusChangedWarning: ["ResourceEvent", "Warning", "The health of resource '%1' has changed to %2."],
  ResourceStatusChangedCritical: ["ResourceEvent", "Critical", "The health of resource '%1' has changed to %2."],
  TaskStarted: ["TaskEvent", "OK", "The task with Id '%1' has started."],
  TaskCompletedOK: ["TaskEvent", "OK", "The task with Id '%1' has completed."],
  TaskAborted: ["TaskEvent", "Critical", "The task with Id '%1' has completed with errors."],
} as const satisfies Readonly<Record<string, readonly [EventRegistry, "OK" | "Warning" | "Critical", string]>>;

export type EventMessage = keyof typeof eventMessages;
