/** The switches of mask planes, for tiles and inspector alike. */
export { type CountedPlane, type MaskSwitches, maskSwitches, planesOf } from "./switches";
