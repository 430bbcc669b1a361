import { h, setAttributes, setChildren } from "../../dom";
import { badge, sayBadge } from "../../draw";
import type { Badge } from "../../protocol";
import type { Session } from "../../session";
import { chosenState, withNextState } from "../facets/flags";
import { replaced } from "../facets/terms";
import { type MakeTilePart, tabindexOf } from "./part";

/** The flags of a source. A click on one filters for it, like its chip above the tiles. */
export const badges: MakeTilePart = (session, signal) => {
  const element = h("div", { class: "cw-badges", role: "gridcell" });
  let shown: readonly Badge[] = [];
  element.addEventListener("click", (event) => {
    const at = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-badge]") : null;
    const one = shown.find(({ name }) => name === at?.dataset.badge);
    if (one === undefined || at?.tagName !== "BUTTON") return;
    event.stopPropagation(); // do not open the inspector
    void filterFor(session, one);
  }, { signal }); // biome-ignore format: listeners read better so
  return {
    element,
    show({ tile }) {
      shown = tile.badges;
      const [texts, buttons] = ["span", "button"].map((tag) => [
        ...element.querySelectorAll<HTMLElement>(tag),
      ]);
      const badges = shown.map((one) => {
        const isButton = hasChip(session, one);
        const made = (isButton ? buttons : texts)?.shift();
        if (made === undefined) return badge(one, { isButton });
        sayBadge(made, one);
        return made;
      });
      setChildren(element, badges);
    },
    mark({ current }) {
      for (const one of element.children)
        if (one.tagName === "BUTTON") setAttributes(one, { tabindex: tabindexOf(current) });
    },
  };
};

/** A score has a histogram, not a chip. */
const hasChip = (session: Session, { kind }: Badge): boolean => kind !== "score" && session.connected;

/** Filter for rows with this flag, or remove that filter. */
async function filterFor(session: Session, { name, kind }: Badge): Promise<void> {
  const answer = await session.facets.now();
  const own = answer?.flags.filter((one) => one.name === name) ?? [];
  const flag = own.find((one) => one.central === (kind === "centre")) ?? own[0];
  if (flag === undefined) return;
  const { where } = session.wanted;
  const now = chosenState(flag, where);
  const isSet = now?.word === "set";
  session.setTarget({
    where: isSet ? replaced(where, (term) => term === now.query, null) : withNextState(flag, where),
    page: 0,
  });
}
