"""Feed damaged inputs to the package, and find tracebacks, slow cases and large memory use.

::

    PYTHONPATH=tests python -m fuzz.run 20000             # of all kinds
    PYTHONPATH=tests python -m fuzz.run 1 --kind fits --first 4711      # one again, its traceback in sight
"""

from __future__ import annotations

import argparse
import faulthandler
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from cutout_widgets.errors import CutoutError
from fuzz.subjects import SUBJECTS, Subject

LONGEST_S = 5
"""CPU time of one input: the time on a wall clock depends on what else the machine does."""
LARGEST_BYTES = 10**9
HANGS_S = 60
"""Time by the clock after which the process ends, with a traceback."""


class Fault(NamedTuple):
    """What went wrong with one input."""

    kind: str
    number: int
    what: str

    def __str__(self) -> str:
        return f"{self.kind} {self.number}: {self.what}"


def faults(
    inputs: int, *, kinds: tuple[str, ...] = (), first: int = 0, show: bool = False
) -> Iterator[Fault]:
    """Yield the faults of some inputs, shared out among kinds; the same number gives the same input."""
    chosen = [one for one in SUBJECTS if not kinds or one.name in kinds]
    total = sum(one.share for one in chosen)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as made:
        for subject in chosen:
            with suppress(CutoutError):  # the imports of the first are not its time
                subject.use(_written(Path(made) / f"first-{subject.name}", *subject.make(random.Random(0))))
            for number in range(first, first + -(-inputs * subject.share // total)):
                yield from _try(subject, number, Path(made), show=show)


def _try(subject: Subject, number: int, folder: Path, *, show: bool) -> Iterator[Fault]:
    """Feed one input."""
    ending, data = subject.make(random.Random(f"{subject.name} {number}"))
    path = _written(folder / f"{subject.name}-{number}", ending, data)
    faulthandler.dump_traceback_later(HANGS_S, exit=True, file=sys.__stderr__)
    before, start = _peak_bytes(), time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            subject.use(path)
    except CutoutError as err:
        if "\n" in str(err).strip():
            yield Fault(subject.name, number, f"more than a line: {str(err)[:200]!r}")
    except Exception as err:  # noqa: BLE001  this is what is looked for
        if show:
            traceback.print_exc()
        where = traceback.extract_tb(err.__traceback__)
        ours = next((one for one in reversed(where) if "cutout_widgets" in one.filename), where[-1])
        place = f"{Path(ours.filename).name}:{ours.lineno}"
        yield Fault(subject.name, number, f"{type(err).__name__} at {place}: {str(err)[:150]}")
    finally:
        faulthandler.cancel_dump_traceback_later()
    spent, grown = time.process_time() - start, _peak_bytes() - before
    if spent > LONGEST_S:
        yield Fault(subject.name, number, f"took {spent:.1f} s")
    if grown > LARGEST_BYTES:
        yield Fault(subject.name, number, f"took {grown / 1e9:.1f} GB")
    for left in folder.glob(f"{subject.name}-{number}*"):
        if left.is_file():
            left.unlink()


def _written(stem: Path, ending: str, data: bytes) -> Path:
    """Write an input."""
    path = stem.with_name(stem.name + ending)
    path.write_bytes(data)
    return path


def _peak_bytes() -> int:
    """Return the most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> int:
    """Try inputs, print what is wrong, and how often."""
    parser = argparse.ArgumentParser(description="Feed damaged inputs to the package.")
    parser.add_argument("inputs", type=int, nargs="?", default=20_000)
    parser.add_argument("--kind", action="append", choices=[one.name for one in SUBJECTS])
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    faulthandler.enable()
    start, found = time.monotonic(), Counter[str]()
    for fault in faults(
        given.inputs, kinds=tuple(given.kind or ()), first=given.first, show=given.inputs == 1
    ):
        print(fault, flush=True)
        found[fault.kind] += 1
    peak = _peak_bytes() / 1e9
    print(
        f"{given.inputs} inputs in {time.monotonic() - start:.0f} s, peak {peak:.1f} GB: "
        f"{sum(found.values())} faults"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
