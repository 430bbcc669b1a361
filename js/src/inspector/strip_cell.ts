import { h, setAttributes, setText } from "../dom";
import { angleUp, northUp, paint, type Turn, transformOf, UNTURNED, wholeOf } from "../draw";
import type { Compass, Epoch, PanelName } from "../protocol";
import { isLevels, type LoadedTile, PANELS, type Session } from "../session";
import { minus } from "./numbers";

/** One epoch of the strip: created once, and reused for the epochs in view. */
export interface StripCell {
  element: HTMLElement;
  show(place: number, epoch: Epoch, tile: LoadedTile | undefined, isCurrent: boolean): void;
  /** Draw the pixels again, after a change of colours or orientation. */
  redraw(): void;
}

export function stripCell(session: Session): StripCell {
  const time = h("span", { class: "cw-strip-time" });
  const band = h("span", { class: "cw-band" });
  const words = h("span", { class: "cw-strip-words" });
  const frames = PANELS.map((name) => frame(name));
  const element = h(
    "div",
    { class: "cw-strip-cell", role: "option", "data-testid": "epoch" },
    ...frames.map((one) => one.element),
    h("div", { class: "cw-strip-caption" }, time, h("div", {}, band, words)),
  );
  let shown: LoadedTile | undefined;
  let drawn = "";
  /** Position angle that is up, if it is not north or the detector's y axis. */
  let up: number | null = null;
  const turnOf = (compass: Compass | null): Turn => {
    if (compass === null) return UNTURNED;
    if (up !== null) return angleUp(compass, up);
    return session.northUp ? northUp(compass) : UNTURNED;
  };

  const redraw = (): void => {
    const look = session.wanted.look;
    for (const { name, element: one, canvas, turned } of frames) {
      const panel = shown?.panels[name];
      const isReady = panel !== undefined && isLevels(panel);
      one.dataset.pixels = isReady ? "ready" : panel === undefined ? "waiting" : "missing";
      setAttributes(one, { title: panel !== undefined && !isLevels(panel) ? panel.reason : null });
      if (!isReady) continue;
      paint(canvas, panel.levels, panel.shape, session.colours.tableFor(name, look));
      turned.style.transform = transformOf(wholeOf(panel.shape), turnOf(panel.compass), panel.shape);
    }
  };
  return {
    element,
    redraw,
    show(place, epoch, tile, isCurrent) {
      const key = JSON.stringify([place, epoch, isCurrent]);
      if (key !== drawn) {
        drawn = key;
        describe(place, epoch, isCurrent);
      }
      const wanted = session.epochs.motionUp ? epoch.motion : null;
      if (tile !== shown || wanted !== up || element.dataset.filled === undefined) {
        [shown, up] = [tile, wanted];
        element.dataset.filled = "";
        redraw();
      }
    },
  };

  function describe(place: number, epoch: Epoch, isCurrent: boolean): void {
    const isDetected = epoch.source !== null;
    setText(time, epoch.time === null ? "no time" : epoch.time.toFixed(3));
    setText(band, epoch.band ?? "");
    setAttributes(band, { "data-band": epoch.band });
    setText(words, !isDetected ? "no detection" : epoch.snr === null ? "detection" : snrOf(epoch.snr));
    const about = [
      epoch.time === null ? "no time" : `MJD ${epoch.time.toFixed(5)}`,
      epoch.band === null ? "" : `band ${epoch.band}`,
      epoch.visit === null ? "" : `visit ${epoch.visit}`,
      epoch.detector === null ? "" : `detector ${epoch.detector}`,
      isDetected
        ? `id ${epoch.source}`
        : "no detection among the rows that are known; cut at the median position of the detections",
      isDetected && !epoch.in_table ? "not a row of the table" : "",
      epoch.motion === null ? "" : `moves at position angle ${((epoch.motion + 360) % 360).toFixed(1)}\u00b0`,
    ].filter((part) => part !== "");
    setAttributes(element, {
      title: about.join("\n"),
      "aria-label": about.join(", "),
      "aria-selected": isCurrent,
      "data-epoch": place,
      "data-undetected": !isDetected,
    });
    element.setAttribute("aria-selected", String(isCurrent));
  }
}

/** A signal-to-noise ratio that fits below a cutout. */
function snrOf(snr: number): string {
  return `S/N ${minus(snr.toFixed(Math.abs(snr) < 1000 ? 1 : 0))}`;
}

interface StripFrame {
  name: PanelName;
  element: HTMLElement;
  canvas: HTMLCanvasElement;
  turned: HTMLElement;
}

function frame(name: PanelName): StripFrame {
  const canvas = h("canvas", { width: 1, height: 1, "aria-hidden": "true", "data-testid": `epoch-${name}` });
  const turned = h("div", { class: "cw-turned" }, canvas);
  const element = h(
    "figure",
    { class: "cw-panel", "data-panel": name, "data-pixels": "waiting" },
    h("div", { class: "cw-frame" }, turned),
  );
  return { name, element, canvas, turned };
}
