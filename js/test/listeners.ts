import { setMaxListeners } from "node:events";

/** A view has one signal that ends hundreds of listeners: node's warning of more than ten is no sign of a leak here. */
setMaxListeners(0);
