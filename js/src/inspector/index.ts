/** Everything about one source; uses the session and draw, independent of the grid. */
export { type Inspector, inspector } from "./inspector";
