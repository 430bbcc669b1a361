declare module "*?raw" {
  const text: string;
  export default text;
}

/** What vite makes of a pattern of files. */
interface ImportMeta {
  glob(pattern: string, options: { query: "?raw"; import: "default"; eager: true }): Record<string, string>;
}
declare module "node:events" {
  export function setMaxListeners(n: number): void;
}
