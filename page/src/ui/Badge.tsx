/** A state in words, with a colour that only repeats them. */
export function Badge({ kind, children }: { kind: "good" | "warning" | "bad" | "neutral"; children: string }) {
  return <span class={`badge ${kind}`}>{children}</span>;
}

export function PowerBadge({ power }: { power: string | undefined }) {
  return <Badge kind={power === "On" ? "good" : "neutral"}>{power ?? "Unknown"}</Badge>;
}

const kinds: Readonly<Partial<Record<string, "good" | "warning" | "bad">>> = {
  OK: "good",
  Warning: "warning",
  Critical: "bad",
};

export function HealthBadge({ health }: { health: string | undefined }) {
  const kind = kinds[health ?? ""] ?? "neutral";
  return <Badge kind={kind}>{health ?? "Unknown"}</Badge>;
}
