/** Faults on demand: rules that make a method fail, hang or answer nonsense, as real servers do. */

export type Misbehaviour =
  /** A vim25 fault of this type. */
  | { readonly kind: "fault"; readonly type: string; readonly message?: string }
  | { readonly kind: "delay"; readonly ms: number }
  /** An HTML page, as a proxy in front of a vCenter that restarts. */
  | { readonly kind: "unavailable" }
  /** HTTP 302, as a load balancer may answer. */
  | { readonly kind: "redirect" }
  /** HTTP 200 with XML that breaks off. */
  | { readonly kind: "garbage" }
  /** HTTP 200 without a body. */
  | { readonly kind: "empty" }
  /** The connection is closed without an answer. */
  | { readonly kind: "reset" }
  /** Never answered. */
  | { readonly kind: "hang" }
  /** Of requests for files: this HTTP status, 502 for example. */
  | { readonly kind: "status"; readonly status: number }
  /** The connection is closed after so many bytes of an upload. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** An upload succeeds, but the file does not exist. */
  | { readonly kind: "lose" }
  /** The server is restored, or reinstalled, before it answers. */
  | ({ readonly kind: "restored" } & Restoration);

/** What is different after a server was restored: all sessions are over, and references are not what they were. */
export interface Restoration {
  /** `shuffled`: the same references name other VMs; `new`: the VMs have others, and the former ones name nothing. */
  readonly references: "shuffled" | "new";
  /** about.instanceUuid is another one. */
  readonly isAnotherServer?: boolean;
}

export interface Rule {
  /** A method's name, or `PUT /folder` and the like for files; absent: every method. */
  readonly method?: string;
  /** How many calls it hits; absent: all. */
  readonly times?: number;
  readonly misbehaviour: Misbehaviour;
}

export interface Rules {
  readonly add: (rule: Rule) => void;
  readonly clear: () => void;
  /** The misbehaviours that a call of the method meets, in the order of the rules. */
  readonly take: (method: string) => readonly Misbehaviour[];
}

export function createRules(): Rules {
  let rules: { readonly rule: Rule; left: number }[] = [];
  return {
    add: (rule) => void rules.push({ rule, left: rule.times ?? Infinity }),
    clear: () => {
      rules = [];
    },
    take: (method) => {
      const hits = rules.filter(({ rule }) => rule.method === undefined || rule.method === method);
      hits.forEach((hit) => hit.left--);
      rules = rules.filter(({ left }) => left > 0);
      return hits.map(({ rule }) => rule.misbehaviour);
    },
  };
}
