import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/*.test.ts", "test/{session,draw,page_file}/*.test.ts"],
          environment: "node",
          setupFiles: ["test/listeners.ts"],
          css: true, // a test reads the style sheets
        },
      },
      {
        server: { fs: { allow: ["../docs", "."] } }, // a test compares the help with its page
        test: {
          name: "page",
          include: ["test/{grid,inspector,masks}/**/*.test.ts"],
          environment: "jsdom",
          setupFiles: ["test/canvas.ts", "test/listeners.ts"],
        },
      },
    ],
  },
});
