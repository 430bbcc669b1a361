/** Pixels, colours and overlays as elements; independent of sessions, grids and inspectors. */
export { badge, sayBadge } from "./badge";
export { float32, float64, uint32 } from "./bytes";
export { afterDrag, applyContrast, type Contrast, DEFAULT_CONTRAST } from "./contrast";
export { type Framing, onFrame, onPanel, type Shape, transformOf, wholeOf } from "./framing";
export { colourBy, inkOn, writeLabel } from "./label";
export {
  borderOf,
  type Masked,
  type MaskLayer,
  type MaskSettings,
  type MaskWords,
  maskColours,
  maskLayer,
} from "./mask_layer";
export { type Mover, mover } from "./mover";
export { angleUp, northUp, type Turn, turnedBack, UNTURNED } from "./orientation";
export { footprintOutline } from "./overlay";
export { levelsOf, paint, type Table, tableOf } from "./paint";
export { type DrawnPanel, PanelRow } from "./panel_row";
export { type SkyGrid, skyOf } from "./sky";
