declare module "*?raw" {
  const text: string;
  export default text;
}

/** What vite makes of a pattern of files. */
interface ImportMeta {
  glob(pattern: string, options: { query: "?raw"; import: "default"; eager: true }): Record<string, string>;
}
