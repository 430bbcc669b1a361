// Generated from src/cutout_widgets/widget/protocol; do not edit. See CONTRIBUTING.
export * from "./epochs";
export * from "./facets";
export * from "./inspection";
export * from "./keymap";
export * from "./labels";
export * from "./messages";
export * from "./parts";
export * from "./selection";
export * from "./tiles";
