/** Everything about one source. Knows the session and how to draw, nothing of the grid around it. */
export { type Inspector, inspector } from "./inspector";
