/** The view of a grid: toolbar, tiles, inspector, keys. */
export { view } from "./view";
