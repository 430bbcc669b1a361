/** The user's settings in this browser, kept for other grids; without storage, only as long as the page is open. */
export interface Remembered<T> {
  get(): T;
  set(value: T): void;
}

const PREFIX = "cutout-widgets.";

/** Remember a value under a name. A stored value is used only if `isValid`, as another version may have written it. */
export function remembered<T>(
  name: string,
  fallback: T,
  isValid: (value: unknown) => value is T,
): Remembered<T> {
  let now = read(name, isValid) ?? fallback;
  return {
    get: () => now,
    set(value) {
      now = value;
      try {
        localStorage.setItem(PREFIX + name, JSON.stringify(value));
      } catch {
        // Private windows and sandboxed frames have no storage.
      }
    },
  };
}

function read<T>(name: string, isValid: (value: unknown) => value is T): T | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(PREFIX + name) ?? "null");
    return isValid(value) ? value : null;
  } catch {
    return null;
  }
}

export const isNumber = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value);

export const isBoolean = (value: unknown): value is boolean => typeof value === "boolean";

export const isText = (value: unknown): value is string => typeof value === "string";

export const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);

export const isKeymap = (value: unknown): value is Record<string, string[]> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(isTexts);
