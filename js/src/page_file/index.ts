/** The kernel's part in a page outside of the notebook: it answers from the data written into the file. */
export { about } from "./download";
export { localModel } from "./model";
export { unpacked } from "./stored";
