declare module "*?raw" {
  const text: string;
  export default text;
}

/** The result of vite's glob imports. */
interface ImportMeta {
  glob(pattern: string, options: { query: "?raw"; import: "default"; eager: true }): Record<string, string>;
}
declare module "node:events" {
  export function setMaxListeners(n: number): void;
}
