/** Tabs of a view, each with an address of its own (WAI-ARIA tabs pattern). */
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";

export interface TabsProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly T[];
  readonly selected: T;
  readonly onSelect: (tab: T) => void;
  readonly children: ComponentChildren;
}

export function Tabs<T extends string>({ label, tabs, selected, onSelect, children }: TabsProps<T>) {
  const list = useRef<HTMLDivElement>(null);

  function onKeyDown(event: KeyboardEvent): void {
    const at = tabs.indexOf(selected);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    const tab = next === undefined ? undefined : tabs.at(next % tabs.length);
    if (tab !== undefined) {
      event.preventDefault();
      onSelect(tab);
      list.current?.querySelector<HTMLElement>(`#${idOf(tab)}`)?.focus();
    }
  }

  return (
    <>
      <div role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            type="button"
            role="tab"
            id={idOf(tab)}
            key={tab}
            aria-selected={tab === selected}
            aria-controls="panel"
            tabIndex={tab === selected ? 0 : -1}
            onClick={() => onSelect(tab)}
          >
            {tab}
          </button>
        ))}
      </div>
      <section role="tabpanel" id="panel" aria-labelledby={idOf(selected)} tabIndex={0}>
        {children}
      </section>
    </>
  );
}

function idOf(tab: string): string {
  return `tab-${tab.toLowerCase().replace(" ", "-")}`;
}
