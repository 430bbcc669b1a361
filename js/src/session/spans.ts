/** Runs of positions, each from its first to the one after its last; ascending and disjoint. */
export type Spans = readonly (readonly [number, number])[];

export function countOf(spans: Spans): number {
  return spans.reduce((sum, [first, end]) => sum + end - first, 0);
}

export function covers(spans: Spans, place: number): boolean {
  let [low, high] = [0, spans.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [first, end] = spans[middle] ?? [0, 0];
    if (place < first) high = middle - 1;
    else if (place >= end) low = middle + 1;
    else return true;
  }
  return false;
}

/** Add one position to the runs, or remove it. */
export function withPlace(spans: Spans, place: number, isIn: boolean): Spans {
  if (covers(spans, place) === isIn) return spans;
  const found: [number, number][] = [];
  const add = (first: number, end: number): void => {
    const last = found.at(-1);
    if (first >= end) return;
    if (last !== undefined && last[1] === first) last[1] = end;
    else found.push([first, end]);
  };
  let isAdded = !isIn;
  for (const [first, end] of spans) {
    if (!isAdded && place < first) {
      add(place, place + 1);
      isAdded = true;
    }
    if (!isIn && first <= place && place < end) {
      add(first, place);
      add(place + 1, end);
    } else add(first, end);
  }
  if (!isAdded) add(place, place + 1);
  return found;
}
