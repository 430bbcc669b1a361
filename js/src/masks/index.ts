export { footprintSwitch } from "./footprint";
/** The switches of mask planes, for both tiles and inspector. */
export { type CountedPlane, type MaskSwitches, maskSwitches, planesOf } from "./switches";
