"""Seeded damage to bytes and text, as by disks, editors, other software and attackers."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

NUMBERS = (0, 1, 2, 127, 128, 255, 256, 32767, 65535, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1)

HOSTILE = (
    "", "0", "-1", "1e999", "-1e999", "nan", "NaN", "inf", "null", "None", "true", "False", "1" * 400,
    "9" * 5000,
    "0x10", "1_000", "0.1", "-0.0", "9223372036854775808", "-9223372036854775809", "506428274000265573.0",
    "é", "\u202e", "\ufeff", "\0", "\n", "\r\n", "\t", '"', "'", "`", ",", ";", "=", "/", "\\", "../../x",
    "[" * 3000, "{" * 3000, "(" * 3000, "]" * 10, "}" * 10, ")" * 10, "[" * 50 + "]" * 50, "not " * 500,
    "-" * 3000,
    "<script>", "%s%n", "=cmd()", "\U0001f4a5", "x" * 70000, "__import__('os')", "a.b.c", "@x", "#",
    "//", "$x",
    "2026-13-45", "00:00:60", "deg", "1 2", "{}", "[]", "[1, 2]", "lambda: 0", "**", "((a+)+)+b",
)  # fmt: skip


def damage(rng: random.Random, data: bytes, others: Sequence[bytes] = ()) -> bytes:
    """Return bytes with one to four faults."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        data = rng.choice(_WAYS)(rng, data, others)
    return data


def damage_text(rng: random.Random, text: str) -> str:
    """Return text with one to three of its words replaced, doubled, dropped or joined by malicious ones."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        words = [found.span() for found in re.finditer(r"\w+|[^\w\s]|\s+", text)]
        if not words:
            return rng.choice(HOSTILE)
        start, end = rng.choice(words)
        word = rng.choice(
            (
                rng.choice(HOSTILE),
                "",
                text[start:end] * 2,
                text[slice(*rng.choice(words))],
                text[start:end] + rng.choice(HOSTILE),
            )
        )
        text = text[:start] + word + text[end:]
    return text


def damage_cards(rng: random.Random, data: bytes) -> bytes:
    """Return FITS bytes with the value of one to three header cards replaced, which stay where they are."""
    out = bytearray(data)
    cards = [at for at in range(0, len(data) - 80, 80) if data[at + 8 : at + 10] == b"= "]
    for _ in range(rng.choice((1, 1, 2, 3))):
        if not cards:
            break
        at = rng.choice(cards)
        value = rng.choice(
            (
                f"{rng.choice(NUMBERS)}",
                f"-{rng.choice(NUMBERS)}",
                rng.choice(HOSTILE),
                f"'{rng.choice(HOSTILE)}'",
                "T",
            )
        )
        raw = value.encode("utf-8", "replace")[:70]
        if rng.random() < 0.15:  # the keyword, not the value
            out[at : at + 8] = raw[:8].ljust(8)
        else:
            out[at + 10 : at + 80] = raw.rjust(20).ljust(70)
    return bytes(out)


def _flip(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 8, 64))):
        if out:
            out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _overwrite(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    number = rng.choice(NUMBERS)
    new = rng.choice(
        (
            rng.randbytes(rng.randrange(1, 64)),
            number.to_bytes(8, rng.choice(("big", "little"))),
            bytes([rng.choice((0, 255))]) * 16,
        )
    )
    return data[:at] + new + data[at + len(new) :]


def _drop(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.choice((1, 4, 80, 2880, len(data))) :]


def _double(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at : at + rng.choice((1, 80, 2880, 10_000))] * 2 + data[at:]


def _insert(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(HOSTILE).encode("utf-8", "surrogatepass") + data[at:]


def _splice(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    other = rng.choice(others) if others else rng.randbytes(100)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def _cut(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


_WAYS = (_flip, _flip, _overwrite, _overwrite, _drop, _double, _insert, _splice, _cut)
