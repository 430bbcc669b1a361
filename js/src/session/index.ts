/** The state of a grid in the browser and its connection to the kernel; independent of grids and inspectors. */
export { type Epochs, isSameEpoch } from "./epochs";
export type { Inspected } from "./inspection";
export { NO_ENTRY } from "./labels";
export type { Link } from "./link";
export { type Model, viewOf } from "./model";
export type { OverlaySettings } from "./overlay_settings";
export { isLevels, type Levels, type LoadedTile, PANELS, type Page } from "./pages";
export type { Part } from "./part";
export { isBoolean, isNumber, isText, isTexts, type Remembered, remembered } from "./remembered";
export type { Progress } from "./saving";
export { type Problem, Session } from "./session";
export type { Topic } from "./topics";
