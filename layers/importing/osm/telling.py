"""Says in lines of text what an extract holds and what became of it."""

from collections.abc import Iterable, Iterator, Mapping

from layers.importing.osm.extract import Extract, Tally
from layers.importing.osm.importing import Stored

FIRST_ROWS = 3


def told_stored(found: Extract, stored: Iterable[Stored]) -> str:
    """Say what became of each subject; counts add up to what was read."""
    lines: list[str] = []
    for each in stored:
        kinds: Mapping[str, int] = found.kinds.get(each.subject, {})
        kept = {kind: count for kind, count in kinds.items() if kind not in each.left_alone}
        lines += _counted(each.subject, each.tally, each.accepted, kept)
        if not each.is_changed and each.accepted:
            lines.append("  this file has brought them before; nothing was done")
        lines += [
            f"  left out: {count:,} {name}, which {source} has brought; to bring these in too, "
            f"add --only {each.subject}"
            for name, (count, source) in each.left_alone.items()
            if count
        ]
    return "\n".join(lines)


def told_extract(found: Extract) -> str:
    """Say what a file holds: counts, the extent and the first rows; nothing was stored."""
    lines = ["Nothing was stored. The file holds:"]
    for subject, tally in found.tallies.items():
        lines += _counted(subject, tally, tally.accepted, found.kinds.get(subject, {}))
        for frame in found.spools[subject].frames():
            rows = frame.head(FIRST_ROWS).to_wkt().to_string(index=False, max_colwidth=40)
            lines += [f"    {row}" for row in rows.splitlines()]
            break
    if found.bounds:
        west, south, east, north = found.bounds
        lines.append(
            f"Extent: longitude {west:.4f} to {east:.4f}, latitude {south:.4f} to {north:.4f}"
        )
    return "\n".join(lines)


def _counted(subject: str, tally: Tally, accepted: int, kinds: Mapping[str, int]) -> Iterator[str]:
    left_out = tally.read - accepted
    yield f"{tally.read:,} {subject} read: {accepted:,} in, {left_out:,} left out"
    if kinds:
        yield "  in: " + ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
    for reason, count in tally.left_out.most_common():
        yield f"  left out: {count:,}, {reason}"
    for note, count in tally.noted.most_common():
        yield f"  of those read: {count:,}, {note}"
